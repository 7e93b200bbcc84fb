-- +goose Up
-- Plans of PreviewRenewals, kept for minutes for their later pages. The content of a part is encoded by the API.
CREATE TABLE renewal_previews (
    preview_id  TEXT   NOT NULL,
    part        BIGINT NOT NULL, -- from 0
    create_time BIGINT NOT NULL,
    content     BYTEA  NOT NULL,
    PRIMARY KEY (preview_id, part)
);
CREATE INDEX previews_by_time ON renewal_previews (create_time DESC, preview_id) WHERE part = 0;

-- +goose Down
DROP TABLE renewal_previews;
