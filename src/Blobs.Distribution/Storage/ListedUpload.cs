namespace Blobs.Distribution.Storage;

/// <summary>An upload in a list.</summary>
/// <param name="Repository">The repository that will receive the blob.</param>
/// <param name="Id">The id of the upload in its repository.</param>
/// <param name="StartedAt">When it began; null when that is unknown.</param>
public sealed record ListedUpload(string Repository, string Id, DateTimeOffset? StartedAt)
{
    /// <summary>Whether another program began it; false where that cannot be told.</summary>
    public bool IsForeign { get; init; }

    /// <summary>The name by which lists are sorted, and which <see cref="RegistryPage.After"/> takes.</summary>
    public string Name => $"{Repository}/{Id}";
}
