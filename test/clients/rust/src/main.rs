//! Lists the instances of the ecsd at ECSD_ADDRESS.
use std::time::Duration;

pub mod ecsd {
    tonic::include_proto!("ecsd.v1");
}
use ecsd::instance_service_client::InstanceServiceClient;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::var("ECSD_ADDRESS")?;
    let mut instances = InstanceServiceClient::connect(format!("http://{address}")).await?;
    let mut page_token = String::new();
    loop {
        let mut request = tonic::Request::new(ecsd::ListInstancesRequest { page_token, ..Default::default() });
        request.set_timeout(Duration::from_secs(60));
        let page = instances.list_instances(request).await?.into_inner();
        for instance in page.instances {
            println!("{} {}", instance.instance_id, instance.status().as_str_name());
        }
        page_token = page.next_page_token;
        if page_token.is_empty() {
            return Ok(());
        }
    }
}
