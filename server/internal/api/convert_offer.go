package api

import (
	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/ecs"
)

func zonesProto(zones []ecs.Zone) []*ecsdv1.Zone {
	protos := make([]*ecsdv1.Zone, len(zones))
	for i, z := range zones {
		protos[i] = &ecsdv1.Zone{
			ZoneId: z.ID, RegionId: z.RegionID, LocalName: z.LocalName,
			InstanceTypes: z.InstanceTypes, DiskCategories: z.DiskCategories,
		}
	}
	return protos
}

func instanceTypesProto(types []ecs.InstanceType) []*ecsdv1.InstanceType {
	protos := make([]*ecsdv1.InstanceType, len(types))
	for i, t := range types {
		protos[i] = &ecsdv1.InstanceType{
			InstanceType: t.ID, InstanceTypeFamily: t.Family, Cpu: t.CPU, MemoryMib: t.MemoryMiB,
			GpuCount: t.GPUCount, GpuModel: t.GPUModel, CpuArchitecture: t.Architecture, BaselineCredit: t.BaselineCredit,
		}
	}
	return protos
}

func stockProto(stock []ecs.Stock) []*ecsdv1.InstanceTypeStock {
	protos := make([]*ecsdv1.InstanceTypeStock, len(stock))
	for i, s := range stock {
		protos[i] = &ecsdv1.InstanceTypeStock{
			ZoneId: s.ZoneID, InstanceType: s.InstanceType,
			Status: stockStatuses.to(s.RawStatus), ProviderStatus: s.RawStatus, ProviderStatusCategory: s.RawCategory,
		}
	}
	return protos
}
