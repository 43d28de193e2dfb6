namespace Blobs.Distribution.Storage;

/// <summary>An upload in a list.</summary>
/// <param name="Repository">Where it is to go.</param>
/// <param name="Id">Its name among the uploads of the repository.</param>
/// <param name="StartedAt">When it began; null when nobody can tell.</param>
public sealed record ListedUpload(string Repository, string Id, DateTimeOffset? StartedAt)
{
    /// <summary>By what lists are sorted, and <see cref="RegistryPage.After"/> names it.</summary>
    public string Name => $"{Repository}/{Id}";
}
