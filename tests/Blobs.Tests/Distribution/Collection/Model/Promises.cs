namespace Blobs.Tests.Distribution.Collection.Model;

/// <summary>What must hold in every state.</summary>
[Flags]
internal enum Promises : byte
{
    /// <summary>
    /// Whoever was told 201 for a manifest finds all of it, until a user deletes it; whoever tagged it finds the tag,
    /// until somebody tags later. A tag names what is there and whole.
    /// </summary>
    Manifests = 1,

    /// <summary>A blob with a 201 stays while its link is young.</summary>
    Blobs = 2,

    /// <summary>When all stop for good and whole runs follow, images are whole or nothing of them is left.</summary>
    NoGarbage = 4,

    All = Manifests | Blobs | NoGarbage,
}
