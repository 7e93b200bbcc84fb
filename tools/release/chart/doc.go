// Package chart holds the test of the Helm chart, apart from the release program
// because Helm and the types of Kubernetes take minutes to compile.
package chart
