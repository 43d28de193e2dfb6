namespace Blobs.Storage.S3;

/// <summary>A part of a multipart upload.</summary>
/// <param name="Key">The key of the object that it will be a part of.</param>
/// <param name="UploadId">The id of the multipart upload.</param>
/// <param name="Number">Its number, from 1.</param>
internal readonly record struct PartName(string Key, string UploadId, int Number);
