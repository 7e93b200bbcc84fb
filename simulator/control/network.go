package control

// Network lists the resources that a launch in a region can name.
type Network struct {
	RegionID string `json:"region_id"`
	// VPCID is the default VPC.
	VPCID string `json:"vpc_id"`
	// VSwitches begins with one per zone in the default VPC; those that were created since follow.
	VSwitches []VSwitch `json:"vswitches"`
	// SecurityGroupIDs starts with the default group.
	SecurityGroupIDs []string `json:"security_group_ids"`
	KeyPairName      string   `json:"key_pair_name"`
	// LaunchTemplates are the stored requests.
	LaunchTemplates []LaunchTemplate `json:"launch_templates"`
}

// VSwitch is the subnet of a zone.
type VSwitch struct {
	VSwitchID string `json:"vswitch_id"`
	ZoneID    string `json:"zone_id"`
}

// LaunchTemplate is a stored request of RunInstances.
type LaunchTemplate struct {
	LaunchTemplateID   string `json:"launch_template_id"`
	LaunchTemplateName string `json:"launch_template_name"`
}

// StockLimit limits how many instances of a type a zone can still sell, beyond the catalog. All fields are required.
type StockLimit struct {
	ZoneID       string `json:"zone_id"`
	InstanceType string `json:"instance_type"`
	// Left is 0 for sold out; a negative number removes the limit.
	Left *int `json:"left"`
}
