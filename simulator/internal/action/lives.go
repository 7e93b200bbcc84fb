package action

// lives returns the actions that create, change and end instances and their resources.
func lives() map[string]Action {
	return map[string]Action{
		"RunInstances":    {Handler: runInstances, OwnGate: true},
		"CreateInstance":  {Handler: createInstance, OwnGate: true},
		"StartInstance":   {Handler: operateOne("StartInstance", startOperation), AnyRegion: true},
		"StopInstance":    {Handler: operateOne("StopInstance", stopOperation), AnyRegion: true},
		"RebootInstance":  {Handler: operateOne("RebootInstance", rebootOperation), AnyRegion: true},
		"DeleteInstance":  {Handler: operateOne("DeleteInstance", releaseOperation), AnyRegion: true},
		"StartInstances":  {Handler: operateMany("StartInstances", startOperation)},
		"StopInstances":   {Handler: operateMany("StopInstances", stopOperation)},
		"RebootInstances": {Handler: operateMany("RebootInstances", rebootOperation)},
		"DeleteInstances": {Handler: deleteInstances, OwnGate: true},

		"ModifyInstanceAutoReleaseTime": {Handler: modifyAutoReleaseTime, AnyRegion: true},
		"ModifyInstanceAttribute":       {Handler: modifyInstanceAttribute, AnyRegion: true},
		"ModifyInstanceChargeType":      {Handler: modifyChargeType, OwnGate: true},
		"AllocatePublicIpAddress":       {Handler: allocatePublicIP, AnyRegion: true},

		"ModifyInstanceSpec":                {Handler: modifySpec("ModifyInstanceSpec"), AnyRegion: true, OwnGate: true},
		"ModifyPrepayInstanceSpec":          {Handler: modifySpec("ModifyPrepayInstanceSpec"), OwnGate: true},
		"DescribeInstanceModificationPrice": {Handler: describeModificationPrice},
		"DescribeResourcesModification":     {Handler: describeResourcesModification},
		"ReActivateInstances":               {Handler: reactivateInstances, AnyRegion: true},

		"DescribeDisks":     {Handler: describeDisks},
		"DeleteSnapshot":    {Handler: deleteSnapshot, AnyRegion: true},
		"CreateSnapshot":    {Handler: createSnapshot, AnyRegion: true, OwnGate: true},
		"DescribeSnapshots": {Handler: describeSnapshots},
	}
}
