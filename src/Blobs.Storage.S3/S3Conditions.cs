namespace Blobs.Storage.S3;

/// <summary>What a store does with conditional writes. Old ones ignore the conditions; Ceph knows a version without
/// quotes only.</summary>
/// <param name="AreKept">Whether a write whose condition is not met is refused.</param>
/// <param name="AreQuoted">Whether the store wants versions in quotes.</param>
internal sealed record S3Conditions(bool AreKept, bool AreQuoted)
{
    /// <summary>Conditions that are kept, with versions as most servers take them.</summary>
    public static readonly S3Conditions Plain = new(AreKept: true, AreQuoted: false);

    /// <summary>Conditions that are ignored.</summary>
    public static readonly S3Conditions None = new(AreKept: false, AreQuoted: false);

    /// <summary>A version as the store wants it in a condition.</summary>
    public string Form(string etag) => AreQuoted ? $"\"{etag}\"" : etag;
}
