package main

import (
	"bytes"
	"fmt"
	"path/filepath"
)

// chartVersion stands for both versions in Chart.yaml.
const chartVersion = ": 0.0.0\n"

// chart writes the Helm chart with the version of the release, whose image is
// then its default.
func (b builder) chart() error {
	items, err := folderItems(filepath.Join(b.root, "deploy/helm/ecsd"))
	if err != nil {
		return err
	}
	for i := range items {
		if items[i].name == "Chart.yaml" {
			if n := bytes.Count(items[i].content, []byte(chartVersion)); n != 2 {
				return fmt.Errorf("Chart.yaml has the version 0.0.0 %d times, want 2", n)
			}
			items[i].content = bytes.ReplaceAll(items[i].content, []byte(chartVersion), []byte(": "+b.number()+"\n"))
		}
		items[i].name = "ecsd/" + items[i].name
	}
	return b.tarGzip("ecsd-"+b.number()+".tgz", items)
}
