-- +goose Up
-- Finds the launch or release of an instance by its ID, read only when the cloud does not show the instance.
CREATE INDEX request_items_by_instance ON request_items (instance_id);

-- +goose Down
DROP INDEX request_items_by_instance;
