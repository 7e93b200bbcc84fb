// Package postgres gives tests a throwaway PostgreSQL.
//
// It starts one server a test binary, when the first test asks for a
// database, in a folder of its own and on a Unix socket, so that nothing
// needs to be set up and nothing meets: several binaries, or a PostgreSQL of
// the machine, run beside it. The server is durable as a real one is, because
// what is under test refuses one that is not. Wrap the tests' main so that the
// server is stopped:
//
//	func TestMain(m *testing.M) { goleak.VerifyTestMain(postgres.Main(m)) }
//
// The programs initdb and postgres must be there, on the PATH or where
// distributions put them; a test fails where they are not, so that a suite
// does not pass by testing half of what it should. ECSD_TEST_POSTGRES=skip
// skips such tests on purpose.
package postgres
