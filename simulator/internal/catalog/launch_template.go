package catalog

// LaunchTemplate is a stored request of RunInstances. Every region has the same ones.
type LaunchTemplate struct {
	// ID is the template's ID in each region, after lt- and the region's prefix; Name is its name.
	ID, Name string
	// Params are the default parameters of a request with the template, by version. The request's own parameters take
	// precedence.
	Params map[int]map[string]string
	// Default is the default version.
	Default int
}

// LaunchTemplates are the templates of the simulated account.
var LaunchTemplates = []LaunchTemplate{
	{
		ID: "webserver000000001", Name: "web", Default: 2,
		Params: map[int]map[string]string{
			1: {"ImageId": Images[0].ID, "InstanceType": "ecs.c7.large", "InstanceName": "web"},
			2: {"ImageId": Images[1].ID, "InstanceType": "ecs.c7.large", "InstanceName": "web", "InternetMaxBandwidthOut": "5"},
		},
	},
	{
		ID: "spotbatch000000002", Name: "spot-batch", Default: 1,
		Params: map[int]map[string]string{
			1: {"ImageId": Images[0].ID, "InstanceType": "ecs.g7.2xlarge", "InstanceName": "batch", "SpotStrategy": "SpotAsPriceGo"},
		},
	},
}

// FindLaunchTemplate returns the template with an ID or a name, or nil.
func FindLaunchTemplate(r *Region, id, name string) *LaunchTemplate {
	for n := range LaunchTemplates {
		t := &LaunchTemplates[n]
		if (id == "" || id == "lt-"+r.IDPrefix+t.ID) && (name == "" || name == t.Name) {
			return t
		}
	}
	return nil
}
