package catalog

import "strings"

// Region is a region of the cloud.
type Region struct {
	ID string
	// Chinese, English and Japanese are its name in those languages.
	Chinese, English, Japanese string
	// Endpoint is the host of the region.
	Endpoint string
	// IDPrefix starts the random part of every ID of the region: bp1 in i-bp1..., as in the real region.
	IDPrefix string
	// Zones are the zone ids.
	Zones []string
}

// Name returns the region's name in the requested language of DescribeRegions, and in Chinese for any other language.
func (r *Region) Name(language string) string {
	switch language {
	case "en-US", "fr", "de", "ko":
		return r.English
	case "ja":
		return r.Japanese
	}
	return r.Chinese
}

// Regions are the regions that can be simulated.
var Regions = []*Region{
	region("cn-hangzhou", "华东1（杭州）", "China (Hangzhou)", "中国 (杭州)", "bp1", "h", "i", "k", "j", "g", "f", "e", "b"),
	region("cn-shanghai", "华东2（上海）", "China (Shanghai)", "中国 (上海)", "uf6", "b", "g", "l"),
	region("cn-beijing", "华北2（北京）", "China (Beijing)", "中国 (北京)", "2ze", "h", "k", "l"),
	region("cn-qingdao", "华北1（青岛）", "China (Qingdao)", "中国 (青島)", "m5e", "b", "c"),
	region("cn-zhangjiakou", "华北3（张家口）", "China (Zhangjiakou)", "中国 (張家口)", "8vb", "a", "b"),
	region("cn-shenzhen", "华南1（深圳）", "China (Shenzhen)", "中国 (深セン)", "wz9", "d", "e", "f"),
	region("cn-guangzhou", "华南3（广州）", "China (Guangzhou)", "中国 (広州)", "7xv", "a", "b"),
	region("cn-chengdu", "西南1（成都）", "China (Chengdu)", "中国 (成都)", "2vc", "a", "b"),
	region("cn-hongkong", "中国香港", "China (Hong Kong)", "中国 (香港)", "j6c", "b", "c", "d"),
	region("ap-southeast-1", "新加坡", "Singapore", "シンガポール", "t4n", "a", "b", "c"),
	region("ap-southeast-5", "印度尼西亚（雅加达）", "Indonesia (Jakarta)", "インドネシア (ジャカルタ)", "k1a", "a", "b"),
	region("ap-northeast-1", "日本（东京）", "Japan (Tokyo)", "日本 (東京)", "6we", "a", "b"),
	region("us-east-1", "美国（弗吉尼亚）", "US (Virginia)", "米国 (バージニア)", "0xi", "a", "b"),
	region("us-west-1", "美国（硅谷）", "US (Silicon Valley)", "米国 (シリコンバレー)", "rj9", "a", "b"),
	region("eu-central-1", "德国（法兰克福）", "Germany (Frankfurt)", "ドイツ (フランクフルト)", "gw8", "a", "b"),
}

// FindRegion returns the region with an ID, or nil.
func FindRegion(id string) *Region {
	for _, r := range Regions {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// RegionOfID returns the region with the letters that start the random part of an ID, such as bp1 in i-bp1..., or nil.
func RegionOfID(regions []*Region, id string) *Region {
	_, random, _ := strings.Cut(id, "-")
	for _, r := range regions {
		if strings.HasPrefix(random, r.IDPrefix) {
			return r
		}
	}
	return nil
}

// RegionOfHost returns the region that the host of an endpoint names, or nil: ecs.REGION.aliyuncs.com,
// ecs-vpc.REGION.aliyuncs.com and any other host with a label REGION or ecs-REGION, such as ecs.REGION.localhost.
func RegionOfHost(host string) *Region {
	for label := range strings.SplitSeq(host, ".") {
		if r := FindRegion(strings.TrimPrefix(label, "ecs-")); r != nil {
			return r
		}
	}
	return nil
}

func region(id, chinese, english, japanese, prefix string, zones ...string) *Region {
	r := &Region{ID: id, Chinese: chinese, English: english, Japanese: japanese, IDPrefix: prefix}
	r.Endpoint = "ecs." + id + ".aliyuncs.com"
	if id == "cn-hangzhou" {
		r.Endpoint = "ecs-cn-hangzhou.aliyuncs.com"
	}
	for _, z := range zones {
		// Chinese regions join the letter with a hyphen; the others do not.
		if id[:3] == "cn-" {
			z = id + "-" + z
		} else {
			z = id + z
		}
		r.Zones = append(r.Zones, z)
	}
	return r
}

// RegionIDs returns the IDs of the regions, in the order of the cloud.
func RegionIDs() []string {
	ids := make([]string, len(Regions))
	for i, r := range Regions {
		ids[i] = r.ID
	}
	return ids
}

// ZoneName returns a zone's name in the requested language, like [Region.Name].
func (r *Region) ZoneName(zone, language string) string {
	letter := strings.ToUpper(zone[len(zone)-1:])
	switch name := r.Name(language); name {
	case r.English:
		if _, city, ok := strings.Cut(name, "("); ok {
			name = strings.TrimSuffix(city, ")")
		}
		return name + " Zone " + letter
	case r.Japanese:
		return name + " ゾーン" + letter
	default:
		name, _, _ = strings.Cut(name, "（")
		return name + " 可用区" + letter
	}
}
