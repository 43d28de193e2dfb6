namespace Blobs.Distribution.Collection;

/// <summary>What a manifest keeps: the keys of the digests that it refers to, and of those that it is about.</summary>
/// <param name="References">Everything that it refers to.</param>
/// <param name="Subjects">What it is about: it is kept with these.</param>
internal sealed record RevisionContent(ulong[] References, ulong[] Subjects)
{
    /// <summary>Its content is not there.</summary>
    public static RevisionContent Missing { get; } = new([], []);

    /// <summary>Whether the document could not be parsed, so that it may refer to anything that it names.</summary>
    public bool IsUnread { get; init; }
}

/// <summary>A manifest of a repository.</summary>
internal sealed class Revision
{
    public required CandidateKey Key { get; init; }

    /// <summary>When its link was written.</summary>
    public DateTimeOffset ChangedAt { get; init; }

    /// <summary>Whether its link was never completed, because a push was interrupted.</summary>
    public bool IsUnfinished { get; init; }

    /// <summary>The digest in its link, if that is another one.</summary>
    public ulong? OtherTarget { get; init; }

    public RevisionContent Content { get; set; } = RevisionContent.Missing;

    public bool IsTagged { get; set; }

    public bool IsNeeded { get; set; }

    /// <summary>Makes this revision need what another one needs, and stay.</summary>
    public void Join(Revision other)
    {
        ulong[] more = other.OtherTarget is { } target ? [target] : [];
        Content = new RevisionContent(
            [.. Content.References, .. other.Content.References, .. more], [.. Content.Subjects, .. other.Content.Subjects])
        {
            IsUnread = Content.IsUnread || other.Content.IsUnread,
        };
        IsTagged = true;
    }
}
