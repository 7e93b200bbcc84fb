module github.com/ecsd-io/ecsd

go 1.26.0
