package operator

import (
	"google.golang.org/protobuf/proto"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// regions are the regions of a command.
type regions struct {
	Region []string `placeholder:"ID" help:"Region (repeatable). Default: all regions that the server serves." group:"Which instances:"`
}

// filters select instances by their properties. All of them must match.
type filters struct {
	Name   string   `placeholder:"PATTERN" help:"Instances of this name; each * matches any characters." group:"Which instances:"`
	Tag    []tag    `placeholder:"KEY=VALUE" help:"Instances with this tag; KEY alone for any value (repeatable)." group:"Which instances:"`
	Status []string `placeholder:"STATUS" help:"Instances in this status: pending, starting, running, stopping or stopped (repeatable)." group:"Which instances:"`
	Charge []string `placeholder:"TYPE" help:"Instances charged by subscription or pay-as-you-go (repeatable)." group:"Which instances:"`
	Zone   []string `placeholder:"ID" help:"Instances in this zone (repeatable)." group:"Which instances:"`
	Type   []string `placeholder:"TYPE" help:"Instances of this type, such as ecs.g7.large (repeatable)." group:"Which instances:"`
	IP     []string `name:"ip" placeholder:"ADDRESS" help:"Instances with this private address (repeatable)." group:"Which instances:"`
	VPC    string   `name:"vpc" placeholder:"ID" help:"Instances in this VPC." group:"Which instances:"`

	Vswitch       string `placeholder:"ID" help:"Instances on this vSwitch." group:"Which instances:"`
	SecurityGroup string `placeholder:"ID" help:"Instances in this security group." group:"Which instances:"`
	ResourceGroup string `placeholder:"ID" help:"Instances in this resource group." group:"Which instances:"`
}

// check checks the words of the flags. The Validate of a command calls it: kong does not look into embedded structs.
func (f *filters) check() error {
	_, err := f.filter()
	return err
}

// filter returns nil if no flag is set.
func (f *filters) filter() (*ecsdv1.InstanceFilter, error) {
	filter := &ecsdv1.InstanceFilter{
		InstanceName: f.Name, SecurityGroupId: f.SecurityGroup, VpcId: f.VPC, VswitchId: f.Vswitch, ZoneIds: f.Zone, InstanceTypes: f.Type,
		ResourceGroupId: f.ResourceGroup, PrivateIpAddresses: f.IP, Tags: messages(f.Tag),
	}
	var err error
	if filter.Statuses, err = values[ecsdv1.InstanceStatus]("--status", f.Status); err != nil {
		return nil, err
	}
	if filter.ChargeTypes, err = values[ecsdv1.ChargeType]("--charge", f.Charge); err != nil {
		return nil, err
	}
	if proto.Equal(filter, &ecsdv1.InstanceFilter{}) {
		return nil, nil
	}
	return filter, nil
}

// mustFilter is filter after Validate.
func (f *filters) mustFilter() *ecsdv1.InstanceFilter {
	filter, err := f.filter()
	if err != nil {
		panic(err) // the command's Validate calls check first
	}
	return filter
}

// one reads a value of an enum as people write it.
func one[E enum](flag, word string) (E, error) {
	found, err := values[E](flag, []string{word})
	if err != nil {
		return 0, err
	}
	return found[0], nil
}
