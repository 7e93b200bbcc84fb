{{- define "ecsd.name" -}}
{{ .Release.Name | trunc 52 | trimSuffix "-" }}
{{- end }}

{{- define "ecsd.selector" -}}
app.kubernetes.io/name: ecsd
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ecsd.labels" -}}
{{ include "ecsd.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "ecsd.account" -}}
{{ .Values.serviceAccount.name | default (include "ecsd.name" .) }}
{{- end }}

{{/* The settings of ecsd serve. */}}
{{- define "ecsd.settings" -}}
{{- $s := dict "listen" "0.0.0.0:50051" "admin-listen" "0.0.0.0:9090" "region" .Values.regions }}
{{- if eq .Values.database.type "sqlite" }}{{ $_ := set $s "database" (.Values.simulate | ternary "sqlite::memory:" "sqlite:/data/ecsd.db") }}{{ end }}
{{- if .Values.access.allowAnonymous }}{{ $_ := set $s "allow-anonymous" true }}{{ else }}{{ $_ := set $s "access-file" (printf "/etc/ecsd/access/%s" .Values.access.key) }}{{ end }}
{{- if .Values.tls.existingSecret }}{{ $_ := set $s "tls-cert" "/etc/ecsd/tls/tls.crt" }}{{ $_ := set $s "tls-key" "/etc/ecsd/tls/tls.key" }}{{ end }}
{{- if .Values.tls.clientCA }}{{ $_ := set $s "tls-client-ca" "/etc/ecsd/tls/ca.crt" }}{{ end }}
{{- if .Values.notify.existingSecret }}{{ $_ := set $s "notify" (printf "/etc/ecsd/notify/%s" .Values.notify.key) }}{{ end }}
{{- if .Values.simulate }}{{ $_ := set $s "simulate" true }}{{ end }}
{{- /* merge keeps what is set: the schema refuses these keys in settings. */}}
{{- merge $s .Values.settings | toYaml }}
{{- end }}

{{- define "ecsd.pod" -}}
metadata:
  labels:
    {{- include "ecsd.labels" . | nindent 4 }}
  annotations:
    # New settings are read at the start only.
    ecsd.io/settings: {{ include "ecsd.settings" . | sha256sum }}
    {{- with .Values.podAnnotations }}{{ toYaml . | nindent 4 }}{{ end }}
spec:
  serviceAccountName: {{ include "ecsd.account" . }}
  automountServiceAccountToken: false
  # More than --shutdown-grace.
  terminationGracePeriodSeconds: 45
  {{- with .Values.image.pullSecrets }}
  imagePullSecrets:
    {{- range . }}
    - name: {{ . | quote }}
    {{- end }}
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 65532
    runAsGroup: 65532
    fsGroup: 65532
    fsGroupChangePolicy: OnRootMismatch
    seccompProfile:
      type: RuntimeDefault
  containers:
    - name: ecsd
      image: {{ printf "%s:%s" .Values.image.repository (.Values.image.tag | default .Chart.AppVersion) | quote }}
      imagePullPolicy: {{ .Values.image.pullPolicy }}
      args: [serve, --config, /etc/ecsd/settings/ecsd.yaml]
      {{- if eq .Values.database.type "postgres" }}
      env:
        - name: ECSD_DATABASE
          valueFrom:
            secretKeyRef:
              name: {{ .Values.database.postgres.existingSecret | quote }}
              key: {{ .Values.database.postgres.key | quote }}
      {{- end }}
      {{- with .Values.credentials.existingSecret }}
      envFrom:
        - secretRef:
            name: {{ . | quote }}
      {{- end }}
      ports:
        - name: grpc
          containerPort: 50051
        - name: admin
          containerPort: 9090
      startupProbe:
        httpGet: {path: /healthz, port: admin}
        periodSeconds: 2
        failureThreshold: 60
      livenessProbe:
        httpGet: {path: /healthz, port: admin}
        periodSeconds: 10
      readinessProbe:
        {{- if .Values.tls.existingSecret }}
        # A probe of gRPC cannot use TLS; this one reads the same state.
        httpGet: {path: /readyz, port: admin}
        {{- else }}
        grpc: {port: 50051}
        {{- end }}
        periodSeconds: 10
        timeoutSeconds: 5
      securityContext:
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities:
          drop: [ALL]
      resources:
        {{- toYaml .Values.resources | nindent 8 }}
      volumeMounts:
        - {name: settings, mountPath: /etc/ecsd/settings, readOnly: true}
        - {name: data, mountPath: /data}
        - {name: tmp, mountPath: /tmp}
        {{- if .Values.access.existingSecret }}
        - {name: access, mountPath: /etc/ecsd/access, readOnly: true}
        {{- end }}
        {{- if .Values.tls.existingSecret }}
        - {name: tls, mountPath: /etc/ecsd/tls, readOnly: true}
        {{- end }}
        {{- if .Values.notify.existingSecret }}
        - {name: notify, mountPath: /etc/ecsd/notify, readOnly: true}
        {{- end }}
  volumes:
    - name: settings
      configMap:
        name: {{ include "ecsd.name" . }}
    - name: tmp
      emptyDir: {}
    {{- if eq .Values.database.type "postgres" }}
    - name: data
      emptyDir: {}
    {{- end }}
    {{- with .Values.access.existingSecret }}
    - name: access
      secret:
        secretName: {{ . | quote }}
        defaultMode: 0440
    {{- end }}
    {{- with .Values.tls.existingSecret }}
    - name: tls
      secret:
        secretName: {{ . | quote }}
        defaultMode: 0440
    {{- end }}
    {{- with .Values.notify.existingSecret }}
    - name: notify
      secret:
        secretName: {{ . | quote }}
        defaultMode: 0440
    {{- end }}
  {{- with .Values.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .Values.affinity }}
  affinity:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end }}
