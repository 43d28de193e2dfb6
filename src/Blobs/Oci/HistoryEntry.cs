using Blobs.Json;

namespace Blobs.Oci;

/// <summary>One step of how an image was made (OCI image-spec config.md, <c>history</c>).</summary>
public sealed record HistoryEntry
{
    /// <summary>When, RFC 3339, as the document has it: nanoseconds included.</summary>
    public string? Created { get; init; }

    /// <summary>When, to the last 100 nanoseconds; year 1 when the document does not say, as engines have it.</summary>
    public DateTimeOffset CreatedTime => GoTime.TryParse(Created, out DateTimeOffset time) ? time : DateTimeOffset.MinValue;

    /// <summary>Who.</summary>
    public string? Author { get; init; }

    /// <summary>The command or instruction.</summary>
    public string? CreatedBy { get; init; }

    /// <summary>A remark.</summary>
    public string? Comment { get; init; }

    /// <summary>Whether the step left no layer.</summary>
    public bool EmptyLayer { get; init; }

    /// <summary>What else the document has here.</summary>
    internal UnknownMembers Unknown { get; init; } = UnknownMembers.None;
}
