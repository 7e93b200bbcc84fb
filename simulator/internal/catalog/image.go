package catalog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Image is a system image.
type Image struct {
	ID, OSName, OSNameEn, OSType, OSVersion, Family, Platform string
}

// Owner returns self for a custom image, and system for one of the cloud.
func (i *Image) Owner() string {
	if strings.HasPrefix(i.ID, "m-") {
		return "self"
	}
	return "system"
}

var (
	imageDay  = regexp.MustCompile(`_(20\d{6})\.vhd$`)
	imageSize = regexp.MustCompile(`_(\d+)G_`)
)

// Published returns the day in the ID of a public image. Any other image has the same early one.
func (i *Image) Published() time.Time {
	if day := imageDay.FindStringSubmatch(i.ID); day != nil {
		if t, err := time.Parse("20060102", day[1]); err == nil {
			return t
		}
	}
	return time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
}

// GiB returns the size in the ID of a public image, 20 for any other image.
func (i *Image) GiB() int {
	if size := imageSize.FindStringSubmatch(i.ID); size != nil {
		if n, err := strconv.Atoi(size[1]); err == nil {
			return n
		}
	}
	return 20
}

// Images are the images that fleets use.
var Images = []*Image{
	{
		ID: "aliyun_3_x64_20G_alibase_20260122.vhd", OSName: "Alibaba Cloud Linux 3.2104 LTS 64位",
		OSNameEn: "Alibaba Cloud Linux 3.2104 LTS 64 bit", OSType: "linux", OSVersion: "3.2104", Family: "acs:alibaba_cloud_linux_3_2104_lts_x64", Platform: "Aliyun",
	},
	{
		ID: "ubuntu_24_04_x64_20G_alibase_20260119.vhd", OSName: "Ubuntu 24.04 64位",
		OSNameEn: "Ubuntu 24.04 64 bit", OSType: "linux", OSVersion: "24.04", Family: "acs:ubuntu_24_04_x64", Platform: "Ubuntu",
	},
	{
		ID: "win2022_21H2_x64_dtc_zh-cn_40G_alibase_20260114.vhd", OSName: "Windows Server 2022 数据中心版 64位中文版",
		OSNameEn: "Windows Server 2022 Data Center 64 bit Chinese Edition", OSType: "windows", OSVersion: "2022", Family: "acs:windows_2022_dtc_x64", Platform: "Windows Server 2022",
	},
}

// FindImage returns the image with an ID. For an ID outside the catalog it returns an invented image, always the same
// one, if the ID has the form of a public image (it ends in .vhd, or in .raw as in documents of 2017) or of a custom one (m- and letters); otherwise nil.
func FindImage(id string) *Image {
	for _, i := range Images {
		if i.ID == id {
			return i
		}
	}
	custom := strings.HasPrefix(id, "m-") && len(id) > len("m-")
	name, public := strings.CutSuffix(id, ".vhd")
	if !public {
		name, public = strings.CutSuffix(id, ".raw")
	}
	if !custom && (!public || name == "") {
		return nil
	}
	os := "linux"
	if strings.HasPrefix(id, "win") {
		os = "windows"
	}
	return &Image{ID: id, OSName: name, OSNameEn: name, OSType: os}
}
