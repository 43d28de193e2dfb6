namespace Blobs.Storage.S3;

/// <summary>An object in a list.</summary>
internal readonly record struct S3Entry(string Key, long Length, DateTimeOffset ChangedAt);
