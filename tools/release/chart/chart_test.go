package chart

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/client-go/kubernetes/scheme"
)

const folder = "../../../deploy/helm/ecsd"

const (
	anonymous = "access: {allowAnonymous: true}\n"
	callers   = "access: {existingSecret: callers}\n"
	postgres  = "database: {type: postgres, postgres: {existingSecret: db}}\n"
)

// sets are the value sets of users, with the kind of workload that each makes.
var sets = map[string]struct{ values, kind string }{
	"sqlite":        {callers, "StatefulSet"},
	"trial":         {anonymous + "simulate: true\n", "StatefulSet"},
	"sqlite, class": {callers + "database: {sqlite: {size: 20Gi, storageClass: essd}}\n", "StatefulSet"},
	"postgres":      {callers + postgres + "replicas: 3\n", "Deployment"},
	"tls":           {callers + "tls: {existingSecret: cert}\n", "StatefulSet"},
	"mutual tls":    {callers + postgres + "tls: {existingSecret: cert, clientCA: true}\n", "Deployment"},
	"credentials":   {callers + "credentials: {existingSecret: keys}\nregions: [cn-hangzhou, cn-shanghai]\nsettings: {billing: true, poll-interval: 1m}\n", "StatefulSet"},
	"notifications": {callers + postgres + "notify: {existingSecret: receivers, key: ops.yaml}\n", "Deployment"},
	"scheduling":    {callers + postgres + "image: {repository: r.example.com/ecsd, tag: v9, pullSecrets: [pull]}\nserviceAccount: {name: ram}\nnodeSelector: {a: b}\ntolerations: [{key: a, operator: Exists}]\naffinity: {podAntiAffinity: {}}\npodAnnotations: {a: b}\nservice: {type: LoadBalancer, port: 443, annotations: {a: b}}\npodDisruptionBudget: {enabled: false}\n", "Deployment"},
}

// TestChart_ValueSets decodes what each set renders, where an unknown field or
// one that is there twice is an error.
func TestChart_ValueSets(t *testing.T) {
	for name, set := range sets {
		t.Run(name, func(t *testing.T) {
			objects := render(t, set.values)
			template, replicas := workload(t, objects, set.kind)
			if want := int32(strings.Count(set.values, "replicas: 3")*2 + 1); replicas != want {
				t.Errorf("%d replicas, want %d", replicas, want)
			}
			restricted(t, template)
			container := template.Spec.Containers[0]
			switch probe := container.ReadinessProbe; {
			case strings.Contains(set.values, "tls:"):
				if probe.HTTPGet == nil || probe.HTTPGet.Path != "/readyz" {
					t.Errorf("readiness with TLS: %+v", probe)
				}
			case probe.GRPC == nil || probe.GRPC.Port != 50051:
				t.Errorf("readiness: %+v, want gRPC", probe)
			}
			checkVolumes(t, template, objects)
			budgets := 0
			for _, object := range objects {
				if _, ok := object.(*policyv1.PodDisruptionBudget); ok {
					budgets++
				}
			}
			if want := 1 - strings.Count(set.values, "enabled: false"); budgets != want {
				t.Errorf("%d PodDisruptionBudgets, want %d", budgets, want)
			}
		})
	}
}

// TestChart_Notify checks that the setting names the key below the mount of the
// secret, so that the files that it names are beside it.
func TestChart_Notify(t *testing.T) {
	set := sets["notifications"]
	objects := render(t, set.values)
	template, _ := workload(t, objects, set.kind)
	if got := settings(t, objects)["notify"]; got != "/etc/ecsd/notify/ops.yaml" {
		t.Errorf("setting notify: %v", got)
	}
	pod := template.Spec
	mount := slices.IndexFunc(pod.Containers[0].VolumeMounts, func(m corev1.VolumeMount) bool { return m.MountPath == "/etc/ecsd/notify" })
	if mount < 0 {
		t.Fatalf("no mount in %+v", pod.Containers[0].VolumeMounts)
	}
	volume := slices.IndexFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == pod.Containers[0].VolumeMounts[mount].Name })
	if secret := pod.Volumes[volume].Secret; secret == nil || secret.SecretName != "receivers" {
		t.Errorf("volume %+v, want the secret", pod.Volumes[volume])
	}
	if without := settings(t, render(t, callers)); without["notify"] != nil {
		t.Errorf("setting notify without a secret: %v", without["notify"])
	}
}

// TestChart_InvalidValues names the values that the schema refuses.
func TestChart_InvalidValues(t *testing.T) {
	for name, c := range map[string]struct{ values, want string }{
		"two replicas on SQLite":     {callers + "replicas: 2\n", "replicas"},
		"no callers":                 {"", "access"},
		"callers and anonymous":      {"access: {existingSecret: callers, allowAnonymous: true}\n", "access"},
		"postgres without a secret":  {callers + "database: {type: postgres}\n", "database"},
		"another database":           {callers + "database: {type: mysql}\n", "database"},
		"client CA without TLS":      {callers + "tls: {clientCA: true}\n", "tls"},
		"unknown value":              {callers + "replica: 1\n", "replica"},
		"a setting of another value": {callers + "settings: {listen: 0.0.0.0:1}\n", "at '/settings/listen'"},
		"another key of notify":      {callers + "notify: {secret: receivers}\n", "at '/notify': additional properties 'secret' not allowed"},
		"a path for a key":           {callers + "notify: {existingSecret: receivers, key: ../ops.yaml}\n", "at '/notify/key'"},
		"a key without its secret":   {callers + "notify: {key: ops.yaml}\n", "at '/notify/existingSecret'"},
		"notify twice":               {callers + "notify: {existingSecret: receivers}\nsettings: {notify: /data/notify.yaml}\n", "at '/settings/notify'"},
		"a word for a number":        {callers + "replicas: three\n", "replicas"},
		"a list for a word":          {callers + "image: {repository: [ecsd]}\n", "repository"},
		"no region":                  {callers + "regions: []\n", "regions"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := manifests(t, c.values)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want one that names %q", err, c.want)
			}
		})
	}
}

// workload returns the one StatefulSet or Deployment.
func workload(t *testing.T, objects []runtime.Object, kind string) (corev1.PodTemplateSpec, int32) {
	t.Helper()
	var found []string
	var template corev1.PodTemplateSpec
	var replicas int32
	for _, object := range objects {
		switch w := object.(type) {
		case *appsv1.StatefulSet:
			found, template, replicas = append(found, w.Kind), w.Spec.Template, *w.Spec.Replicas
			if claims := w.Spec.VolumeClaimTemplates; len(claims) != 1 || claims[0].Name != "data" {
				t.Errorf("claims %v", claims)
			}
		case *appsv1.Deployment:
			found, template, replicas = append(found, w.Kind), w.Spec.Template, *w.Spec.Replicas
		}
	}
	if !slices.Equal(found, []string{kind}) {
		t.Fatalf("workloads %v, want one %s", found, kind)
	}
	return template, replicas
}

// restricted checks the rules of Kubernetes' pod security standard of that name.
func restricted(t *testing.T, template corev1.PodTemplateSpec) {
	t.Helper()
	pod, c := template.Spec.SecurityContext, template.Spec.Containers[0].SecurityContext
	if !*pod.RunAsNonRoot || *pod.RunAsUser != 65532 || pod.SeccompProfile.Type != corev1.SeccompProfileTypeRuntimeDefault {
		t.Errorf("security of the pod: %+v", pod)
	}
	if *c.AllowPrivilegeEscalation || !*c.ReadOnlyRootFilesystem || !slices.Equal(c.Capabilities.Drop, []corev1.Capability{"ALL"}) {
		t.Errorf("security of the container: %+v", c)
	}
	if *template.Spec.AutomountServiceAccountToken {
		t.Error("the pod gets a token of Kubernetes")
	}
	for _, v := range template.Spec.Volumes {
		if v.HostPath != nil {
			t.Errorf("volume %s is of the host", v.Name)
		}
	}
}

// checkVolumes checks that each mount has a volume, and that the files of the
// settings are below read-only mounts.
func checkVolumes(t *testing.T, template corev1.PodTemplateSpec, objects []runtime.Object) {
	t.Helper()
	volumes := map[string]bool{}
	for _, v := range template.Spec.Volumes {
		volumes[v.Name] = true
	}
	for _, object := range objects {
		if w, ok := object.(*appsv1.StatefulSet); ok {
			volumes[w.Spec.VolumeClaimTemplates[0].Name] = true
		}
	}
	mounts := template.Spec.Containers[0].VolumeMounts
	for _, m := range mounts {
		if !volumes[m.Name] {
			t.Errorf("mount %s has no volume", m.Name)
		}
	}
	for key, value := range settings(t, objects) {
		path, ok := value.(string)
		if !ok || !strings.HasPrefix(path, "/") {
			continue
		}
		n := slices.IndexFunc(mounts, func(m corev1.VolumeMount) bool { return strings.HasPrefix(path, m.MountPath+"/") })
		if n < 0 {
			t.Errorf("%s: %s is in no volume", key, path)
		} else if !mounts[n].ReadOnly {
			t.Errorf("%s: the volume of %s is writable", key, path)
		}
	}
}

// settings returns the settings of ecsd serve.
func settings(t *testing.T, objects []runtime.Object) map[string]any {
	t.Helper()
	for _, object := range objects {
		config, ok := object.(*corev1.ConfigMap)
		if !ok {
			continue
		}
		settings := map[string]any{}
		if err := yaml.Unmarshal([]byte(config.Data["ecsd.yaml"]), &settings); err != nil {
			t.Fatal(err)
		}
		return settings
	}
	t.Fatal("there are no settings")
	return nil
}

// render returns the objects of a value set.
func render(t *testing.T, values string) []runtime.Object {
	t.Helper()
	rendered, err := manifests(t, values)
	if err != nil {
		t.Fatal(err)
	}
	decoder := serializer.NewCodecFactory(scheme.Scheme, serializer.EnableStrict).UniversalDeserializer()
	var objects []runtime.Object
	for _, name := range slices.Sorted(maps.Keys(rendered)) {
		if strings.HasSuffix(name, ".tpl") || strings.TrimSpace(rendered[name]) == "" {
			continue
		}
		object, _, err := decoder.Decode([]byte(rendered[name]), nil, nil)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, rendered[name])
		}
		objects = append(objects, object)
	}
	return objects
}

func manifests(t *testing.T, text string) (map[string]string, error) {
	t.Helper()
	loaded, err := loader.Load(folder)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]any{}
	if err := yaml.Unmarshal([]byte(text), &values); err != nil {
		t.Fatal(err)
	}
	return renderChart(loaded, values)
}

func renderChart(c *chart.Chart, values map[string]any) (map[string]string, error) {
	all, err := util.ToRenderValues(c, values, common.ReleaseOptions{Name: "test", Namespace: "ns", IsInstall: true, Revision: 1}, common.DefaultCapabilities)
	if err != nil {
		return nil, err
	}
	return engine.Engine{Strict: true}.Render(c, all)
}
