using Amazon.Runtime;

namespace Blobs.Storage.S3;

/// <summary>Where a registry keeps its objects, and how it reaches them.</summary>
public sealed record S3StorageOptions
{
    /// <summary>The bucket. It must exist.</summary>
    public required string Bucket { get; init; }

    /// <summary>What all keys begin with, before <c>docker/registry/v2</c>; docker-registry calls it
    /// <c>rootdirectory</c>. Usually empty.</summary>
    public string Prefix { get; init; } = "";

    /// <summary>URL of an S3-compatible server; null for AWS.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary>The region. Null takes it from the environment or the profile, else <c>us-east-1</c>.</summary>
    public string? Region { get; init; }

    /// <summary>Whether the bucket is part of the path instead of the host name, as many servers want it. It always is
    /// where the endpoint is an IP address or <c>localhost</c>.</summary>
    public bool PathStyle { get; init; }

    /// <summary>The credentials. Null takes them from the environment, the shared files or the machine's role, as all AWS
    /// tools do.</summary>
    public AWSCredentials? Credentials { get; init; }

    /// <summary>Memory for the parts of all uploads together, in bytes, at least 16 MiB. Uploads take turns when it is
    /// used up.</summary>
    public long UploadMemory { get; init; } = 64 << 20;

    /// <summary>How long clients may use an address that <see cref="Distribution.Storage.IRegistryBlobs.AddressOfAsync"/>
    /// returns.</summary>
    public TimeSpan AddressLifetime { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>How long one small request may take, with all repetitions, before the store counts as away.</summary>
    public TimeSpan RequestTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Reads <c>s3://BUCKET</c> or <c>s3://BUCKET/PREFIX</c>; null for anything else. A prefix has no part
    /// <c>.</c> or <c>..</c>, which a URL cannot contain.</summary>
    public static S3StorageOptions? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        const string Scheme = "s3://";
        if (!text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        string[] parts = text[Scheme.Length..].Split('/', 2);
        string prefix = parts.Length == 1 ? "" : parts[1].Trim('/');
        bool isPlace = parts[0].Length > 0 && !prefix.Split('/').Any(part => part is "." or "..");
        return !isPlace ? null : new S3StorageOptions { Bucket = parts[0], Prefix = prefix };
    }
}
