// Command ecsd manages the lifecycle and the renewal of Alibaba Cloud ECS
// instances behind a gRPC API.
//
//	ecsd serve       start the service
//	ecsd renewals    renew many instances, by the API of a server that runs
//	ecsd migrate     bring the database of an older ecsd up to this one
//	ecsd simulator   start an ECS endpoint of our own, for trying and testing
//	ecsd version     say which build this is
//	ecsd help        show what there is, or one command's flags
//
// A setting of serve is a flag (--max-calls), an environment variable
// (ECSD_MAX_CALLS) or a key of the YAML file that --config names (max-calls);
// the flag beats the environment, which beats the file, which beats the
// default. The variables of `ecsd simulator` begin with ECSD_SIMULATOR_. Of
// `ecsd renewals`, the flags that name the server have variables: ECSD_ADDRESS.
//
// Standard output says where the service can be reached, one line an address;
// standard error takes the log.
//
// The exit code is 0 where it stopped because it was asked to (SIGTERM or
// Ctrl-C; a second one ends the process by that signal, at once), 1 where
// something could not start or broke, and 2 where the command line, the
// environment or the file holds what cannot be. `ecsd help renewals` names those
// of its commands.
//
// It holds no logic: it reads settings and calls the packages server, operator
// and simulator.
package main
