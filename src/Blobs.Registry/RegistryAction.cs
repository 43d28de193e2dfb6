namespace Blobs.Registry;

/// <summary>What a request to a registry does.</summary>
public enum RegistryAction
{
    /// <summary>Asks whether there is a registry, and whether the caller may come in.</summary>
    Ping = 0,

    /// <summary>Lists all repositories.</summary>
    Catalog,

    /// <summary>Reads manifests, blobs, tags or referrers of a repository.</summary>
    Pull,

    /// <summary>Brings manifests or blobs into a repository.</summary>
    Push,

    /// <summary>Takes manifests, tags or blobs from a repository.</summary>
    Delete,
}
