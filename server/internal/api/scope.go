package api

import (
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
	"github.com/ecsd-io/ecsd/server/internal/access"
)

// methodScopes are the scopes of all methods of the contract, by full name.
var methodScopes = readScopes()

// Scope returns the scope that a method requires, by its full name, such as
// /ecsd.v1.InstanceService/GetInstance; "" for a method without one.
func Scope(fullMethod string) access.Scope { return methodScopes[fullMethod] }

// Methods returns the full names of all methods of the contract.
func Methods() []string {
	names := make([]string, 0, len(methodScopes))
	for name := range methodScopes {
		names = append(names, name)
	}
	return names
}

// readScopes reads the option (ecsd.v1.access).scope of every method.
func readScopes() map[string]access.Scope {
	scopes := map[string]access.Scope{}
	protoregistry.GlobalFiles.RangeFilesByPackage(ecsdv1.File_ecsd_v1_access_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			service := file.Services().Get(i)
			for j := range service.Methods().Len() {
				method := service.Methods().Get(j)
				rule, _ := proto.GetExtension(method.Options(), ecsdv1.E_Access).(*ecsdv1.AccessRule)
				scopes["/"+string(service.FullName())+"/"+string(method.Name())] = scopeName(rule.GetScope())
			}
		}
		return true
	})
	return scopes
}

// scopeName is the name of a scope in an access file: SCOPE_INSTANCES_READ is
// instances.read. The unspecified scope has none.
func scopeName(scope ecsdv1.Scope) access.Scope {
	if scope == ecsdv1.Scope_SCOPE_UNSPECIFIED {
		return ""
	}
	name := strings.ToLower(strings.TrimPrefix(scope.String(), "SCOPE_"))
	return access.Scope(strings.Replace(name, "_", ".", 1))
}
