// Package binaries finds a PostgreSQL for tests: the folder with the programs initdb and postgres.
//
// It downloads a pinned package from Maven Central into .cache/postgres of this repository, checks its SHA-256 and unpacks
// it. A mirror of Maven Central in ~/.m2/settings.xml is used instead. If the download fails, it uses an installed
// PostgreSQL and reports the reason in one line. It never installs anything outside of .cache.
package binaries
