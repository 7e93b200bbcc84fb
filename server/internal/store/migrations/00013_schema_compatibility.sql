-- +goose Up
-- The lowest schema version that a program must know to use this database. A contracting migration raises it.
CREATE TABLE schema_compatibility (
    only_row       BIGINT NOT NULL PRIMARY KEY CHECK (only_row = 1),
    oldest_program BIGINT NOT NULL
);
INSERT INTO schema_compatibility (only_row, oldest_program) VALUES (1, 10);

-- +goose Down
DROP TABLE schema_compatibility;
