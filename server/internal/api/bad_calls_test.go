package api

import (
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// A write or a market query that breaks a rule is refused before any component
// is called.
func TestCalls_BadInput(t *testing.T) {
	const (
		start, stop, reboot = ecsdv1.InstanceService_StartInstances_FullMethodName, ecsdv1.InstanceService_StopInstances_FullMethodName, ecsdv1.InstanceService_RebootInstances_FullMethodName
		release, until      = ecsdv1.InstanceService_ReleaseInstances_FullMethodName, ecsdv1.InstanceService_SetAutoReleaseTime_FullMethodName
		address, protect    = ecsdv1.InstanceService_AllocatePublicIpAddress_FullMethodName, ecsdv1.InstanceService_SetDeletionProtection_FullMethodName
		tag                 = ecsdv1.InstanceService_SetTags_FullMethodName
		zones, prices       = ecsdv1.SpotService_ListSpotZones_FullMethodName, ecsdv1.SpotService_ListSpotPrices_FullMethodName
		advice              = ecsdv1.SpotService_ListSpotAdvice_FullMethodName
		types, stock        = ecsdv1.CatalogService_ListInstanceTypes_FullMethodName, ecsdv1.CatalogService_ListStock_FullMethodName
		disks, snapshots    = ecsdv1.DiskService_ListDisks_FullMethodName, ecsdv1.DiskService_ListSnapshots_FullMethodName
		freeze, unfreeze    = ecsdv1.AccessService_FreezeSpending_FullMethodName, ecsdv1.AccessService_UnfreezeSpending_FullMethodName
		records, blocks     = ecsdv1.AccessService_ListAuditRecords_FullMethodName, ecsdv1.AccessService_ListAuditBlocks_FullMethodName
		save                = ecsdv1.DiskService_CreateSnapshots_FullMethodName
		subscription        = ecsdv1.ChargeType_CHARGE_TYPE_SUBSCRIPTION
		asPriceGo           = ecsdv1.SpotStrategy_SPOT_STRATEGY_AS_PRICE_GO
	)
	const job = ecsdv1.InstanceService_CreateReleaseJob_FullMethodName
	one := []string{"i-1"}
	now := time.Now()
	at := func(d time.Duration) *timestamppb.Timestamp { return timestamppb.New(now.Add(d)) }
	tags := func(keys ...string) (tags []*ecsdv1.Tag) {
		for _, key := range keys {
			tags = append(tags, &ecsdv1.Tag{Key: key})
		}
		return tags
	}

	conn := dial(t)
	for name, c := range map[string]struct {
		method string
		req    proto.Message
		want   violation
	}{
		"freeze without a reason":         {freeze, &ecsdv1.FreezeSpendingRequest{}, violation{"reason", "INVALID_FIELD", "1 to 500 characters"}},
		"unfreeze with a long one":        {unfreeze, &ecsdv1.UnfreezeSpendingRequest{Reason: strings.Repeat("x", 501)}, violation{"reason", "INVALID_FIELD", "got 501"}},
		"audit of no instance":            {records, &ecsdv1.ListAuditRecordsRequest{InstanceId: "i 1"}, violation{"instance_id", "INVALID_FIELD", "letters"}},
		"audit of a negative block":       {records, &ecsdv1.ListAuditRecordsRequest{Block: -1}, violation{"block", "INVALID_FIELD", "0 or more"}},
		"audit of a long ID":              {records, &ecsdv1.ListAuditRecordsRequest{RelatedId: strings.Repeat("x", 129)}, violation{"related_id", "INVALID_FIELD", "at most 128 bytes; got 129"}},
		"audit of an unknown decision":    {records, &ecsdv1.ListAuditRecordsRequest{Decisions: []ecsdv1.AuditDecision{99}}, violation{"decisions[0]", "INVALID_FIELD", "AuditDecision"}},
		"audit of one decision twice":     {records, &ecsdv1.ListAuditRecordsRequest{Decisions: []ecsdv1.AuditDecision{4, 4}}, violation{"decisions[1]", "INVALID_FIELD", "repeat"}},
		"audit of a window from its end":  {records, &ecsdv1.ListAuditRecordsRequest{StartTime: timestamppb.New(time.Unix(2, 0)), EndTime: timestamppb.New(time.Unix(1, 0))}, violation{"end_time", "INVALID_FIELD", "after start_time"}},
		"audit with a made-up page token": {records, &ecsdv1.ListAuditRecordsRequest{PageToken: "x"}, violation{"page_token", "INVALID_PAGE_TOKEN", ""}},
		"blocks of a negative page size":  {blocks, &ecsdv1.ListAuditBlocksRequest{PageSize: -1}, violation{"page_size", "INVALID_FIELD", "got -1"}},
		"start nothing":                   {start, &ecsdv1.StartInstancesRequest{}, violation{"instance_ids", "INVALID_FIELD", "1 to 1000"}},
		"start 1,001":                     {start, &ecsdv1.StartInstancesRequest{InstanceIds: numbered("i-", 1001)}, violation{"instance_ids", "INVALID_FIELD", "got 1001"}},
		"start elsewhere":                 {start, &ecsdv1.StartInstancesRequest{RegionId: "mars", InstanceIds: one}, violation{"region_id", "UNKNOWN_REGION", "cn-shanghai"}},
		"stop one twice":                  {stop, &ecsdv1.StopInstancesRequest{InstanceIds: []string{"i-1", "i-1"}}, violation{"instance_ids[1]", "INVALID_FIELD", "repeat"}},
		"stop, not applicable":            {stop, &ecsdv1.StopInstancesRequest{InstanceIds: one, StoppedMode: ecsdv1.StoppedMode_STOPPED_MODE_NOT_APPLICABLE}, violation{"stopped_mode", "INVALID_FIELD", "STOPPED_MODE_KEEP_CHARGING"}},
		"stop in an odd mode":             {stop, &ecsdv1.StopInstancesRequest{InstanceIds: one, StoppedMode: 9}, violation{"stopped_mode", "INVALID_FIELD", "got 9"}},
		"reboot under an odd id":          {reboot, &ecsdv1.RebootInstancesRequest{InstanceIds: one, RequestId: "again"}, violation{"request_id", "INVALID_FIELD", "must be a UUID"}},
		"start under an odd id":           {start, &ecsdv1.StartInstancesRequest{InstanceIds: one, RequestId: "again"}, violation{"request_id", "INVALID_FIELD", "must be a UUID"}},
		"stop under an odd id":            {stop, &ecsdv1.StopInstancesRequest{InstanceIds: one, RequestId: "again"}, violation{"request_id", "INVALID_FIELD", "must be a UUID"}},
		"address under an odd id":         {address, &ecsdv1.AllocatePublicIpAddressRequest{InstanceId: "i-1", RequestId: "again"}, violation{"request_id", "INVALID_FIELD", "must be a UUID"}},
		"dry run under an odd id":         {release, &ecsdv1.ReleaseInstancesRequest{InstanceIds: one, ValidateOnly: true, RequestId: "again"}, violation{"request_id", "INVALID_FIELD", "must be a UUID"}},
		"reboot two as one":               {reboot, &ecsdv1.RebootInstancesRequest{InstanceIds: []string{"i-1,i-2"}}, violation{"instance_ids[0]", "INVALID_FIELD", `got "i-1,i-2"`}},
		"job without id":                  {job, &ecsdv1.CreateReleaseJobRequest{InstanceIds: one}, violation{"request_id", "INVALID_FIELD", "is required: a UUID"}},
		"job of nothing":                  {job, &ecsdv1.CreateReleaseJobRequest{RequestId: goodID}, violation{"instance_ids", "INVALID_FIELD", "1 to 1000"}},
		"job of many":                     {job, &ecsdv1.CreateReleaseJobRequest{InstanceIds: one, RequestId: goodID, MaxInstances: 1001}, violation{"max_instances", "INVALID_FIELD", "got 1001"}},
		"job with a long note":            {job, &ecsdv1.CreateReleaseJobRequest{InstanceIds: one, RequestId: goodID, Note: strings.Repeat("é", 257)}, violation{"note", "INVALID_FIELD", "256 characters; got 257"}},
		"job elsewhere":                   {job, &ecsdv1.CreateReleaseJobRequest{RegionId: "mars", InstanceIds: one, RequestId: goodID}, violation{"region_id", "UNKNOWN_REGION", "cn-shanghai"}},
		"no release job":                  {ecsdv1.InstanceService_GetReleaseJob_FullMethodName, &ecsdv1.GetReleaseJobRequest{}, violation{"job_id", "INVALID_FIELD", "is required"}},
		"release without id":              {release, &ecsdv1.ReleaseInstancesRequest{InstanceIds: one}, violation{"request_id", "INVALID_FIELD", "is required: a UUID"}},
		"release nothing":                 {release, &ecsdv1.ReleaseInstancesRequest{RequestId: goodID}, violation{"instance_ids", "INVALID_FIELD", "1 to 1000"}},
		"release -1 at most":              {release, &ecsdv1.ReleaseInstancesRequest{InstanceIds: one, RequestId: goodID, MaxInstances: -1}, violation{"max_instances", "INVALID_FIELD", "server's own limit"}},
		"release 1,001 at most":           {release, &ecsdv1.ReleaseInstancesRequest{InstanceIds: one, RequestId: goodID, MaxInstances: 1001}, violation{"max_instances", "INVALID_FIELD", "to 1000"}},
		"release by hand soon":            {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1", Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: at(29 * time.Minute)}}, violation{"auto_release_time", "INVALID_FIELD", "at least 30 minutes"}},
		"release at an odd time":          {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1", Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: &timestamppb.Timestamp{Nanos: -1}}}, violation{"auto_release_time", "INVALID_FIELD", "valid time"}},
		"release far ahead":               {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1", Setting: &ecsdv1.SetAutoReleaseTimeRequest_AutoReleaseTime{AutoReleaseTime: timestamppb.New(now.AddDate(3, 0, 1))}}, violation{"auto_release_time", "INVALID_FIELD", "at most 3 years"}},
		"release nobody":                  {until, &ecsdv1.SetAutoReleaseTimeRequest{}, violation{"instance_id", "INVALID_FIELD", "1 to 64 letters"}},
		"an address for nobody":           {address, &ecsdv1.AllocatePublicIpAddressRequest{}, violation{"instance_id", "INVALID_FIELD", "1 to 64 letters"}},
		"release neither set nor cleared": {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1"}, violation{"auto_release_time", "INVALID_FIELD", "or clear_auto_release_time is required"}},
		"release not cleared":             {until, &ecsdv1.SetAutoReleaseTimeRequest{InstanceId: "i-1", Setting: &ecsdv1.SetAutoReleaseTimeRequest_ClearAutoReleaseTime{}}, violation{"clear_auto_release_time", "INVALID_FIELD", "must be true"}},
		"protect nobody":                  {protect, &ecsdv1.SetDeletionProtectionRequest{DeletionProtection: proto.Bool(true)}, violation{"instance_ids", "INVALID_FIELD", "1 to 1000"}},
		"protect or not":                  {protect, &ecsdv1.SetDeletionProtectionRequest{InstanceIds: []string{"i-1"}}, violation{"deletion_protection", "INVALID_FIELD", "is required"}},
		"tag nobody":                      {tag, &ecsdv1.SetTagsRequest{Tags: tags("a")}, violation{"instance_ids", "INVALID_FIELD", "1 to 1000"}},
		"tag nothing":                     {tag, &ecsdv1.SetTagsRequest{InstanceIds: one}, violation{"tags", "INVALID_FIELD", "or remove_tag_keys is required"}},
		"21 tags":                         {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, Tags: make21()}, violation{"tags", "INVALID_FIELD", "at most 20"}},
		"a key twice":                     {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, Tags: tags("a", "a")}, violation{"tags[1].key", "INVALID_FIELD", "repeat"}},
		"the cloud's key":                 {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, Tags: tags("aliyun.x")}, violation{"tags[0].key", "INVALID_FIELD", "aliyun"}},
		"set and removed":                 {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, Tags: tags("a"), RemoveTagKeys: []string{"a"}}, violation{"remove_tag_keys[0]", "INVALID_FIELD", "set too"}},
		"removed twice":                   {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, RemoveTagKeys: []string{"a", "a"}}, violation{"remove_tag_keys[1]", "INVALID_FIELD", "repeat"}},
		"no key removed":                  {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, RemoveTagKeys: []string{""}}, violation{"remove_tag_keys[0]", "INVALID_FIELD", "empty"}},
		"21 removed":                      {tag, &ecsdv1.SetTagsRequest{InstanceIds: one, RemoveTagKeys: numbered("k", 21)}, violation{"remove_tag_keys", "INVALID_FIELD", "at most 20"}},
		"zones of an odd type":            {zones, &ecsdv1.ListSpotZonesRequest{InstanceTypes: []string{"X"}}, violation{"instance_types[0]", "INVALID_FIELD", "ecs.g7.large"}},
		"zones of 11 types":               {zones, &ecsdv1.ListSpotZonesRequest{InstanceTypes: numbered("ecs.g", 11)}, violation{"instance_types", "INVALID_FIELD", "at most 10"}},
		"prices of no type":               {prices, &ecsdv1.ListSpotPricesRequest{}, violation{"instance_type", "INVALID_FIELD", "ecs.g7.large"}},
		"prices in an odd zone":           {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", ZoneIds: []string{""}}, violation{"zone_ids[0]", "INVALID_FIELD", "empty"}},
		"prices in 51 zones":              {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", ZoneIds: numbered("cn-", 51)}, violation{"zone_ids", "INVALID_FIELD", "at most 50"}},
		"prices of 31 days":               {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", StartTime: at(-31 * day)}, violation{"start_time", "INVALID_FIELD", "at most 30 days"}},
		"prices backwards":                {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", StartTime: at(-time.Hour), EndTime: at(-2 * time.Hour)}, violation{"start_time", "INVALID_FIELD", "before end_time"}},
		"prices to come":                  {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", EndTime: at(time.Hour)}, violation{"end_time", "INVALID_FIELD", "not lie ahead"}},
		"prices of an odd network":        {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", NetworkType: 9}, violation{"network_type", "INVALID_FIELD", "NetworkType"}},
		"prices of an odd system":         {prices, &ecsdv1.ListSpotPricesRequest{InstanceType: "ecs.g7.large", OsType: 9}, violation{"os_type", "INVALID_FIELD", "OsType"}},
		"advice on nothing":               {advice, &ecsdv1.ListSpotAdviceRequest{}, violation{"selection", "INVALID_FIELD", "types, size or min_size"}},
		"advice on no types":              {advice, adviceOn(), violation{"types.instance_types", "INVALID_FIELD", "1 to 10"}},
		"advice on vCPUs":                 {advice, adviceOnSize(2, 0), violation{"size.memory_mib", "INVALID_FIELD", "1 or more"}},
		"advice on less":                  {advice, adviceOnSize(-2, 1024), violation{"size.cpu", "INVALID_FIELD", "1 or more; got -2"}},
		"advice on more memory": {advice, &ecsdv1.ListSpotAdviceRequest{Selection: &ecsdv1.ListSpotAdviceRequest_MinSize{MinSize: &ecsdv1.InstanceSize{MemoryMib: 1024}}},
			violation{"min_size.cpu", "INVALID_FIELD", "1 or more"}},
		"advice on a family of a type": {advice, ofFamily(adviceOn("ecs.g7.large"), "ecs.g7"), violation{"instance_type_family", "INVALID_FIELD", "unset beside"}},
		"types between":                {types, &ecsdv1.ListInstanceTypesRequest{MinCpu: 4, MaxCpu: 2}, violation{"max_cpu", "INVALID_FIELD", "at least min_cpu (4); got 2"}},
		"memory between":               {types, &ecsdv1.ListInstanceTypesRequest{MinMemoryMib: 4, MaxMemoryMib: 2}, violation{"max_memory_mib", "INVALID_FIELD", "(4); got 2"}},
		"a negative page of types":     {types, &ecsdv1.ListInstanceTypesRequest{PageSize: -1}, violation{"page_size", "INVALID_FIELD", "0 (meaning 100) to 1000"}},
		"a foreign page of types":      {types, &ecsdv1.ListInstanceTypesRequest{PageToken: "x"}, violation{"page_token", "INVALID_PAGE_TOKEN", "next_page_token"}},
		"stock of a type and a size":   {stock, &ecsdv1.ListStockRequest{InstanceType: "ecs.g7.large", Cpu: 2}, violation{"cpu", "INVALID_FIELD", "beside instance_type"}},
		"stock at an odd charge":       {stock, &ecsdv1.ListStockRequest{ChargeType: 9}, violation{"charge_type", "INVALID_FIELD", "ChargeType"}},
		"stock at an odd strategy":     {stock, &ecsdv1.ListStockRequest{SpotStrategy: 9}, violation{"spot_strategy", "INVALID_FIELD", "SpotStrategy"}},
		"spot stock by subscription":   {stock, &ecsdv1.ListStockRequest{ChargeType: subscription, SpotStrategy: asPriceGo}, violation{"spot_strategy", "INVALID_FIELD", "for a subscription"}},
		"stock in an odd zone":         {stock, &ecsdv1.ListStockRequest{ZoneId: "?"}, violation{"zone_id", "INVALID_FIELD", "cn-hangzhou-h"}},
		"disks by odd ids":             {disks, &ecsdv1.ListDisksRequest{DiskIds: []string{"d_1"}}, violation{"disk_ids[0]", "INVALID_FIELD", "1 to 64 letters"}},
		"101 disks":                    {disks, &ecsdv1.ListDisksRequest{DiskIds: numbered("d-", 101)}, violation{"disk_ids", "INVALID_FIELD", "at most 100"}},
		"disks of an odd instance":     {disks, &ecsdv1.ListDisksRequest{InstanceId: "i/1"}, violation{"instance_id", "INVALID_FIELD", "1 to 64 letters"}},
		"disks of an odd type":         {disks, &ecsdv1.ListDisksRequest{DiskType: 9}, violation{"disk_type", "INVALID_FIELD", "DiskType"}},
		"disks of an odd status":       {disks, &ecsdv1.ListDisksRequest{Statuses: []ecsdv1.DiskStatus{9}}, violation{"statuses", "INVALID_FIELD", "DiskStatus"}},
		"disks of odd regions":         {disks, &ecsdv1.ListDisksRequest{RegionIds: []string{"cn-hangzhou", "mars"}}, violation{"region_ids[1]", "UNKNOWN_REGION", "cn-shanghai"}},
		"disks of a tag twice":         {disks, &ecsdv1.ListDisksRequest{Tags: tags("a", "a")}, violation{"tags[1].key", "INVALID_FIELD", "repeat"}},
		"a foreign page of disks":      {disks, &ecsdv1.ListDisksRequest{PageToken: newSealer("").to("another").encode(someCursor)}, violation{"page_token", "INVALID_PAGE_TOKEN", "another request"}},
		"save nothing":                 {save, &ecsdv1.CreateSnapshotsRequest{}, violation{"disk_ids", "INVALID_FIELD", "1 to 1000"}},
		"save a disk twice":            {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1", "d-1"}}, violation{"disk_ids[1]", "INVALID_FIELD", "repeat"}},
		"save as auto":                 {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, SnapshotName: "auto1"}, violation{"snapshot_name", "INVALID_FIELD", "auto"}},
		"save as 1":                    {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, SnapshotName: "1st"}, violation{"snapshot_name", "INVALID_FIELD", "letter"}},
		"save for an hour":             {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, Retention: durationpb.New(time.Hour)}, violation{"retention", "INVALID_FIELD", "whole days"}},
		"save for 65,537 days":         {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, Retention: durationpb.New(65537 * day)}, violation{"retention", "INVALID_FIELD", "1 to 65536"}},
		"save for longer than ever":    {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, Retention: &durationpb.Duration{Seconds: 1 << 60}}, violation{"retention", "INVALID_FIELD", "1 to 65536"}},
		"save under an odd id":         {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, RequestId: "once"}, violation{"request_id", "INVALID_FIELD", "must be a UUID"}},
		"save with a tag twice":        {save, &ecsdv1.CreateSnapshotsRequest{DiskIds: []string{"d-1"}, Tags: tags("a", "a")}, violation{"tags[1].key", "INVALID_FIELD", "repeat"}},
		"snapshots by odd ids":         {snapshots, &ecsdv1.ListSnapshotsRequest{SnapshotIds: []string{"s 1"}}, violation{"snapshot_ids[0]", "INVALID_FIELD", "1 to 64 letters"}},
		"snapshots of an odd disk":     {snapshots, &ecsdv1.ListSnapshotsRequest{DiskId: "d 1"}, violation{"disk_id", "INVALID_FIELD", "1 to 64 letters"}},
		"snapshots of an odd status":   {snapshots, &ecsdv1.ListSnapshotsRequest{Statuses: []ecsdv1.SnapshotStatus{9}}, violation{"statuses", "INVALID_FIELD", "SnapshotStatus"}},
	} {
		t.Run(name, func(t *testing.T) { wantViolations(t, conn, c.method, c.req, []violation{c.want}) })
	}
}

func adviceOn(types ...string) *ecsdv1.ListSpotAdviceRequest {
	return &ecsdv1.ListSpotAdviceRequest{Selection: &ecsdv1.ListSpotAdviceRequest_Types{Types: &ecsdv1.InstanceTypeNames{InstanceTypes: types}}}
}

func adviceOnSize(cpu int32, mib int64) *ecsdv1.ListSpotAdviceRequest {
	return &ecsdv1.ListSpotAdviceRequest{Selection: &ecsdv1.ListSpotAdviceRequest_Size{Size: &ecsdv1.InstanceSize{Cpu: cpu, MemoryMib: mib}}}
}

func ofFamily(req *ecsdv1.ListSpotAdviceRequest, family string) *ecsdv1.ListSpotAdviceRequest {
	req.InstanceTypeFamily = family
	return req
}
