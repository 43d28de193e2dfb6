namespace Blobs.Storage.S3;

/// <summary>What a page of a list is to contain.</summary>
/// <param name="Prefix">What the keys begin with.</param>
/// <param name="After">The key after which the list begins; it need not exist.</param>
/// <param name="Token">Where the page before ended.</param>
/// <param name="Count">The most objects and folders to return.</param>
/// <param name="IsOfFolders">Whether keys with a further slash are summed up as folders.</param>
internal readonly record struct S3ListRequest(
    string Prefix, string? After = null, string? Token = null, int Count = int.MaxValue, bool IsOfFolders = false);
