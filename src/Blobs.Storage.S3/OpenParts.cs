namespace Blobs.Storage.S3;

/// <summary>A multipart upload that was neither completed nor aborted.</summary>
internal readonly record struct OpenParts(string Key, string UploadId, DateTimeOffset BeganAt);
