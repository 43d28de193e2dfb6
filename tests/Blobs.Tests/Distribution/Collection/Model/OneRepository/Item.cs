namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>
/// What the collector condemns and claims as one: the blob with its link, the manifest with its revision link.
/// </summary>
[Flags]
internal enum Item : byte
{
    None = 0,
    Blob = 1,
    Manifest = 2,
}
