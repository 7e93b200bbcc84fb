package contract_test

import (
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"

	ecsdv1 "github.com/ecsd-io/ecsd/gen/go/ecsd/v1"
)

// methods returns every RPC of the contract.
func methods(t *testing.T) []protoreflect.MethodDescriptor {
	t.Helper()
	var all []protoreflect.MethodDescriptor
	protoregistry.GlobalFiles.RangeFilesByPackage(ecsdv1.File_ecsd_v1_access_proto.Package(), func(file protoreflect.FileDescriptor) bool {
		for i := range file.Services().Len() {
			of := file.Services().Get(i).Methods()
			for j := range of.Len() {
				all = append(all, of.Get(j))
			}
		}
		return true
	})
	if len(all) == 0 {
		t.Fatal("the contract has no RPC")
	}
	return all
}

func scopeOf(method protoreflect.MethodDescriptor) ecsdv1.Scope {
	rule, _ := proto.GetExtension(method.Options(), ecsdv1.E_Access).(*ecsdv1.AccessRule)
	return rule.GetScope()
}

func onlyReads(method protoreflect.MethodDescriptor) bool {
	options, _ := method.Options().(*descriptorpb.MethodOptions)
	return options.GetIdempotencyLevel() == descriptorpb.MethodOptions_NO_SIDE_EFFECTS
}

// A caller with a scope to read cannot change anything, and reads need no other
// scope. An RPC whose name says that it reads must be marked as a read.
func TestAccess_EveryMethodHasAScope(t *testing.T) {
	reads := map[ecsdv1.Scope]bool{ecsdv1.Scope_SCOPE_INSTANCES_READ: true, ecsdv1.Scope_SCOPE_RENEWALS_READ: true}
	for _, method := range methods(t) {
		scope := scopeOf(method)
		if scope == ecsdv1.Scope_SCOPE_UNSPECIFIED {
			t.Errorf("%s has no option (ecsd.v1.access).scope; choose one in access.proto", method.FullName())
			continue
		}
		if scope == ecsdv1.Scope_SCOPE_ACCESS_ADMIN {
			continue
		}
		if reads[scope] != onlyReads(method) {
			t.Errorf("%s requires %s, and NO_SIDE_EFFECTS is %t; a read has both a scope to read and NO_SIDE_EFFECTS, any other RPC neither",
				method.FullName(), scope, onlyReads(method))
		}
	}
}

func TestAccess_ReadsAreMarked(t *testing.T) {
	verbs := []string{"Get", "BatchGet", "List", "Watch", "Wait", "Quote", "Preview"}
	for _, method := range methods(t) {
		read := false
		for _, verb := range verbs {
			read = read || strings.HasPrefix(string(method.Name()), verb)
		}
		if read != onlyReads(method) {
			t.Errorf("%s: a name that begins with one of %s is for an RPC with NO_SIDE_EFFECTS, and no other", method.FullName(), strings.Join(verbs, ", "))
		}
	}
}

// The name of each scope in an access file is in the comment of its value, and
// follows from the name of the value.
func TestAccess_ScopeNames(t *testing.T) {
	for number, name := range ecsdv1.Scope_name {
		if number != 0 && strings.Count(strings.TrimPrefix(name, "SCOPE_"), "_") != 1 {
			t.Errorf("%s: want SCOPE_<RESOURCE>_<RIGHT>, for resource.right in an access file", name)
		}
	}
}
