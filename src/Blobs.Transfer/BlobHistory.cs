using System.Collections.Concurrent;
using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Client;
using Blobs.Docker.Images;
using Blobs.Hashing;
using Blobs.Json.Internal;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>
/// What an engine's root knows that spares a push work: which blobs hold a layer, in the order in which dockerd's push tries them, and
/// which of them it has kept. What the push finds out is gathered, and goes back there at its end.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class BlobHistory
{
    private readonly DistributionStore _store;
    private readonly ImageReference _target;
    private readonly byte[] _credentials;
    private readonly ConcurrentQueue<Action> _findings = new();

    /// <param name="store">What is known.</param>
    /// <param name="kept">Blobs that are on this disk.</param>
    /// <param name="target">The repository that is pushed to.</param>
    /// <param name="credentials">What is shown to its registry; entries that were noted with the same are trusted most.</param>
    public BlobHistory(DistributionStore store, BlobDirectory kept, ImageReference target, RegistryCredentials? credentials)
    {
        _store = store;
        _target = target;
        _credentials = ToJson(credentials);
        Kept = kept;
    }

    public BlobDirectory Kept { get; }

    /// <summary>Blobs that hold a layer: noted with these credentials first, then in repositories whose names begin alike, then the
    /// latest.</summary>
    public IReadOnlyList<BlobSource> SourcesOf(DiffId layer)
    {
        string[] own = _target.Name.Split('/');
        return [.. _store.SourcesOf(layer).Reverse()
            .OrderByDescending(source => source.IsVouchedFor(_credentials))
            .ThenByDescending(source => source.Repository.Split('/').Zip(own).TakeWhile(pair => pair.First == pair.Second).Count())];
    }

    /// <summary>The repository, without its registry, that a blob may be mounted from; null when it is not in this registry, or is the
    /// target itself.</summary>
    public string? MountFrom(BlobSource source) => source.Repository != _target.Name
        && ImageReference.TryParse(source.Repository, out ImageReference? repository) && repository.Domain == _target.Domain
        ? repository.Path
        : null;

    /// <summary>The target has a blob that holds the layer.</summary>
    public void Note(DiffId layer, Digest blob)
    {
        BlobSource known = BlobSource.Create(blob, _target.Name, _credentials);
        if (!_store.SourcesOf(layer).Contains(known))
        {
            _findings.Enqueue(() => _store.Add(layer, known));
        }
    }

    /// <summary>A mount was refused, or a blob has gone. What others noted with other credentials may still hold for them.</summary>
    public void Forget(DiffId layer, BlobSource source)
    {
        if (source.Repository == _target.Name || source.Hmac.Length == 0 || source.IsVouchedFor(_credentials))
        {
            _findings.Enqueue(() => _store.Remove(layer, source));
        }
    }

    /// <summary>Writes down what was found; the root is taken for writing.</summary>
    public void WriteDown()
    {
        while (_findings.TryDequeue(out Action? finding))
        {
            finding();
        }
    }

    // As the engine hashes them; its own client always sends an object, if an empty one.
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

    private static void Add(GoJsonWriter json, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            json.Name(name);
            json.String(value);
        }
    }
}
