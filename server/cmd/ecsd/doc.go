// Command ecsd manages the lifecycle and the renewal of Alibaba Cloud ECS
// instances behind a gRPC API.
//
//	ecsd serve       start the service
//	ecsd dev         start the service with a demo fleet and a token
//	ecsd status      show the health of a running server
//	ecsd explain     tell the story of a call, a job or an instance
//	ecsd renewals    renew many instances through a running server
//	ecsd spending    show spending limits, and stop all spending
//	ecsd audit       show, export and verify the audit
//	ecsd token       make a token for a caller
//	ecsd access      check an access file, explain its decisions
//	ecsd migrate     upgrade the database of an older ecsd
//	ecsd simulator   start an embedded ECS endpoint for trials and tests
//	ecsd version     print the build
//	ecsd help        list the commands, or the flags of one command
//
// A setting of serve is a flag (--max-calls), an environment variable
// (ECSD_MAX_CALLS) or a key of the YAML file named by --config (max-calls).
// The flag overrides the environment, which overrides the file, which
// overrides the default. The variables of `ecsd simulator` begin with
// ECSD_SIMULATOR_. The flags of `ecsd renewals`, `spending` and `audit` that
// name the server and the credentials have variables too, such as ECSD_ADDRESS
// and ECSD_TOKEN_FILE.
//
// Standard output prints the addresses of the service, one per line; the log
// goes to standard error.
//
// The exit code is 0 after a stop by SIGTERM or Ctrl-C (a second signal ends
// the process at once), 1 if something could not start or failed, and 2 if the
// command line, the environment or the file is invalid. `ecsd help renewals`
// lists the codes of its commands.
//
// The command holds no logic: it reads settings and calls the packages server,
// operator and simulator.
package main
