module github.com/ecsd-io/ecsd/test/sdks/go

go 1.26.0

require github.com/alibabacloud-go/ecs-20140526/v7 v7.7.0 // indirect
