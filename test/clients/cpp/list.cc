// Lists the instances of the ecsd at ECSD_ADDRESS.
#include <chrono>
#include <cstdlib>
#include <iostream>

#include <grpcpp/grpcpp.h>

#include "ecsd/v1/instance_service.grpc.pb.h"

int main() {
  auto channel = grpc::CreateChannel(std::getenv("ECSD_ADDRESS"), grpc::InsecureChannelCredentials());
  auto instances = ecsd::v1::InstanceService::NewStub(channel);
  ecsd::v1::ListInstancesRequest request;
  do {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    ecsd::v1::ListInstancesResponse page;
    if (grpc::Status status = instances->ListInstances(&context, request, &page); !status.ok()) {
      std::cerr << "code " << status.error_code() << ": " << status.error_message() << "\n";
      return 1;
    }
    for (const auto& instance : page.instances()) {
      std::cout << instance.instance_id() << " " << ecsd::v1::InstanceStatus_Name(instance.status()) << "\n";
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
}
