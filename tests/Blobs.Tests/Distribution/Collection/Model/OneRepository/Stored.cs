namespace Blobs.Tests.Distribution.Collection.Model.OneRepository;

/// <summary>The keys of a store with one repository, one blob and one manifest that needs it.</summary>
[Flags]
internal enum Stored : byte
{
    Nothing = 0,

    /// <summary>The repository's link to the blob.</summary>
    Link = 1,

    /// <summary>The blob's data.</summary>
    Data = 2,

    /// <summary>The repository's revision link to the manifest.</summary>
    Revision = 4,

    /// <summary>The manifest's bytes.</summary>
    Manifest = 8,

    /// <summary>A tag that names the manifest; only where untagged manifests are collected.</summary>
    Tag = 16,

    /// <summary>All that a whole image needs.</summary>
    Image = Link | Data | Revision | Manifest,
}
