using Blobs.Json;
using Blobs.Json.Internal;

namespace Blobs.Oci;

/// <summary>One step of an image's build (OCI image-spec config.md, <c>history</c>).</summary>
public sealed record HistoryEntry
{
    /// <summary>When the step was made, in RFC 3339 as in the document, nanoseconds included.</summary>
    public string? Created { get; init; }

    /// <summary><see cref="Created"/> in units of 100 nanoseconds; year 1 when it is missing, as in dockerd.</summary>
    public DateTimeOffset CreatedTime => GoTime.TryParse(Created, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;

    /// <summary>The author.</summary>
    public string? Author { get; init; }

    /// <summary>The command or instruction of the step.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>A comment.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether the step made no layer.</summary>
    public bool EmptyLayer { get; init; }

    /// <summary>Members that we do not know.</summary>
    internal UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
