fn main() -> Result<(), Box<dyn std::error::Error>> {
    // protoc of 3.12 or later is on the PATH, or PROTOC names it.
    let files = ["../../../proto/ecsd/v1/instance_service.proto"];
    tonic_prost_build::configure().build_server(false).compile_protos(&files, &["../../../proto"])?;
    Ok(())
}
