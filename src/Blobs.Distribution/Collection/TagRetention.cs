using System.IO.Enumeration;

namespace Blobs.Distribution.Collection;

/// <summary>Which tags garbage collection removes, by the time when each was last pushed. With both limits set, a tag goes
/// only if both say so. Without any, no tag goes.</summary>
public sealed record TagRetention
{
    /// <summary>Keeps the newest tags of each repository, up to this number.</summary>
    public int? KeepTags { get; init; }

    /// <summary>Removes only tags that are older than this.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Limits the removal of tags and of untagged manifests to the repositories whose names match one of these
    /// patterns, in which <c>*</c> stands for any characters and <c>?</c> for one; all repositories when empty.</summary>
    public IReadOnlyList<string> Repositories { get; init; } = [];

    /// <summary>Whether the patterns match a repository.</summary>
    public bool Covers(string repository) => Repositories.Count == 0
        || Repositories.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, repository, ignoreCase: false));

    /// <summary>Returns the tags that go, of all tags of a repository.</summary>
    internal IEnumerable<KnownTag> Going(string repository, IReadOnlyList<KnownTag> tags, DateTimeOffset now)
    {
        if ((KeepTags is null && OlderThan is null) || !Covers(repository))
        {
            return [];
        }

        IEnumerable<KnownTag> newestFirst = tags
            .OrderByDescending(tag => tag.ChangedAt).ThenBy(tag => tag.Name, StringComparer.Ordinal);
        return newestFirst.Skip(KeepTags ?? 0).Where(tag => OlderThan is not { } age || now - tag.ChangedAt > age);
    }
}
