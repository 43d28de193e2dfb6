using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Docker;
using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// What a Docker data root knows about the blobs of layers, which saves a push work: the blobs that hold a layer, in
/// the order in which dockerd's push tries them, and the kept ones. The push collects new facts and saves them at its
/// end.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BlobHistory : IBlobHistory
{
    private readonly DistributionStore _store;
    private readonly ImageReference _target;
    private readonly ConcurrentQueue<Action<DockerRootChange>> _facts = new();
    private byte[] _credentials = ToJson(null);

    /// <param name="store">The data root's facts about blobs.</param>
    /// <param name="kept">The kept blobs.</param>
    /// <param name="target">The repository to push to.</param>
    public BlobHistory(DistributionStore store, BlobDirectory kept, ImageReference target)
    {
        _store = store;
        _target = target;
        Kept = kept;
    }

    public BlobDirectory Kept { get; }

    /// <summary>Takes the credentials for the registry; entries recorded with the same ones are trusted most.</summary>
    public void Begin(RegistryCredentials? credentials) => _credentials = ToJson(credentials);

    /// <summary>Blobs that hold a layer: first those recorded with these credentials, then those of the repositories
    /// with the longest common path, then the latest.</summary>
    public IReadOnlyList<KnownBlob> SourcesOf(DiffId layer)
    {
        string[] own = _target.Name.Split('/');
        return [.. _store.SourcesOf(layer).Reverse()
            .OrderByDescending(source => source.IsVouchedFor(_credentials))
            .ThenByDescending(source => source.Repository.Split('/').Zip(own).TakeWhile(pair => pair.First == pair.Second).Count())
            .Select(source => new KnownBlob(source.Digest, source.Repository, () => Forget(layer, source)))];
    }

    /// <summary>Records that the target has a blob that holds the layer.</summary>
    public void Note(DiffId layer, Digest blob)
    {
        BlobSource known = BlobSource.Create(blob, _target.Name, _credentials);
        if (!_store.SourcesOf(layer).Contains(known))
        {
            _facts.Enqueue(change => change.AddBlobSource(layer, known));
        }
    }

    /// <summary>Saves the collected facts.</summary>
    public void SaveTo(DockerRootChange change)
    {
        while (_facts.TryDequeue(out Action<DockerRootChange>? save))
        {
            save(change);
        }
    }

    // The JSON that dockerd hashes; the docker command always sends an object, even an empty one.
    internal static byte[] ToJson(RegistryCredentials? credentials)
    {
        var json = new GoJsonWriter();
        json.BeginObject();
        Add(json, "username", credentials?.Username);
        Add(json, "password", credentials?.Password);
        Add(json, "identitytoken", credentials?.IdentityToken);
        Add(json, "registrytoken", credentials?.RegistryToken);
        json.EndObject();
        return json.ToArray();
    }

    // A mount was refused or a blob has gone. Entries recorded with other credentials stay, because they may still hold for those.
    private void Forget(DiffId layer, BlobSource source)
    {
        if (source.Repository == _target.Name || source.Hmac.Length == 0 || source.IsVouchedFor(_credentials))
        {
            _facts.Enqueue(change => change.RemoveBlobSource(layer, source));
        }
    }

    private static void Add(GoJsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.Name(name);
            json.String(value);
        }
    }
}
