namespace Blobs.Registry;

/// <summary>What a request to a registry does.</summary>
public enum RegistryAction
{
    /// <summary>Checks that the API is there and the credentials are accepted (<c>/v2/</c>).</summary>
    Ping = 0,

    /// <summary>Lists all repositories.</summary>
    Catalog,

    /// <summary>Reads manifests, blobs, tags or referrers of a repository.</summary>
    Pull,

    /// <summary>Uploads manifests or blobs to a repository.</summary>
    Push,

    /// <summary>Deletes manifests, tags or blobs of a repository.</summary>
    Delete,
}
