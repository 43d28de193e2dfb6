using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Oci;
using Blobs.Storage;

namespace Blobs.Verification;

/// <summary>Everything in a registry's store: blobs hash to their names, links say what their place says, tags mean manifests, and
/// manifests name what their repository has.</summary>
[SupportedOSPlatform("linux")]
public sealed class StoreVerifier
{
    private readonly string _root;
    private readonly string _folder;
    private readonly VerifyRun _run;

    private StoreVerifier(string root, VerifyOptions options, CancellationToken cancellationToken)
    {
        _root = root;
        _folder = RegistryPaths.Folder(root);
        _run = new VerifyRun(root, options, cancellationToken);
    }

    /// <summary>Verifies a store; nobody is to push meanwhile.</summary>
    /// <param name="root">The directory above <c>docker/registry/v2</c>.</param>
    /// <param name="options">Jobs, state and progress.</param>
    /// <param name="cancellationToken">Ends it; what was found right so far stays in the state file.</param>
    /// <exception cref="StoreException">There is no store, or the state file is of another one.</exception>
    public static Task<VerifyReport> RunAsync(string root, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.GetFullPath(root);
        return Directory.Exists(RegistryPaths.Folder(path))
            ? Task.Run(() => new StoreVerifier(path, options ?? new VerifyOptions(), cancellationToken).Run(), CancellationToken.None)
            : throw new StoreException(path, $"{path}: there is no registry's store in it");
    }

    private VerifyReport Run()
    {
        string repositories = Path.Combine(_folder, RegistryPaths.Repositories);
        foreach (string manifests in Directory.Exists(repositories)
            ? Directory.EnumerateDirectories(repositories, "_*", SearchOption.AllDirectories)
            : [])
        {
            switch (Path.GetFileName(manifests))
            {
                case RegistryPaths.LayersFolder:
                    VerifyLinks(manifests);
                    break;
                case RegistryPaths.ManifestsFolder:
                    VerifyManifests(Path.GetRelativePath(repositories, Path.GetDirectoryName(manifests)!), manifests);
                    break;
                default:
                    foreach (string file in Directory.EnumerateFiles(manifests, "*", SearchOption.AllDirectories))
                    {
                        _run.LeaveUnread(file, "is of an upload on its way");
                    }

                    break;
            }
        }

        BlobVerifier.Add(_run, _root);
        _run.DoWork();
        return _run.End();
    }

    // ALGORITHM/HEX/link, at any depth: what it says is where it stands, but for digests that bytes do not stand under.
    private void VerifyLinks(string folder)
    {
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            if (Path.GetFileName(file) != RegistryPaths.Link)
            {
                _run.LeaveUnread(file, "is none of a registry's files");
                continue;
            }

            string place = Path.GetDirectoryName(file)!;
            string named = $"{Path.GetFileName(Path.GetDirectoryName(place))}:{Path.GetFileName(place)}";
            if (_run.ReadLine(file) is not { } line)
            {
                continue;
            }

            if (!Digest.TryParse(line, null, out Digest digest))
            {
                _run.Find(file, $"is {line}, expected a digest");
                continue;
            }

            bool isAlias = named.StartsWith("sha512:", StringComparison.Ordinal);
            if (Digest.TryParse(named, null, out _) && !isAlias && line != named)
            {
                _run.Find(file, $"is {line}, expected {named}");
            }
            else if (!File.Exists(PathOf(digest)))
            {
                _run.Find(file, $"names {line}, and there is no such blob");
            }
            else if (isAlias && _run.Hash(PathOf(digest), DigestAlgorithm.Sha512) is { } found && $"{found}" != named)
            {
                _run.Find(file, $"is {line}, which hashes to {found}");
            }
        }
    }

    private void VerifyManifests(string repository, string folder)
    {
        VerifyLinks(folder);
        foreach (string file in Directory.EnumerateFiles(folder, RegistryPaths.Link, SearchOption.AllDirectories))
        {
            if (Path.GetRelativePath(folder, file).Split('/') is ["tags", _, "current", _])
            {
                VerifyTag(repository, file);
            }
            else if (Path.GetRelativePath(folder, file).Split('/') is ["revisions", "sha256", var hex, _]
                && Digest.TryParse($"sha256:{hex}", null, out Digest digest) && File.Exists(PathOf(digest)))
            {
                VerifyManifest(repository, digest);
            }
        }
    }

    private void VerifyTag(string repository, string file)
    {
        if (!Digest.TryParse(File.ReadAllText(file), null, out Digest digest))
        {
            return;
        }

        if (!File.Exists(Path.Combine(_folder, RegistryPaths.Revision(repository, digest))))
        {
            _run.Find(file, $"means {digest}, which is no manifest of {repository}");
        }

        string tag = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(file)))!;
        if (!File.Exists(Path.Combine(_folder, RegistryPaths.Index(repository, tag, digest))))
        {
            _run.Find(file, $"means {digest}, which its history does not know");
        }
    }

    private void VerifyManifest(string repository, Digest digest)
    {
        string file = PathOf(digest);
        if (_run.Read(file, _run.Limits.ManifestBytes) is not { } bytes)
        {
            return;
        }

        try
        {
            Manifest manifest = Manifest.Parse(bytes, null, _run.Limits);
            foreach (Descriptor reference in manifest.References)
            {
                VerifyReference(repository, file, manifest, reference);
            }
        }
        catch (BlobsException fault)
        {
            if (SchemaOne.FindLayers(bytes) is null)
            {
                _run.Find(file, fault.Message);
            }
            else
            {
                _run.LeaveUnread(file, "is a manifest of schema 1: only its hash is looked at");
            }
        }
    }

    private void VerifyReference(string repository, string file, Manifest manifest, Descriptor reference)
    {
        string link = manifest is ImageIndex
            ? RegistryPaths.Revision(repository, reference.Digest)
            : RegistryPaths.Layer(repository, reference.Digest);
        bool isElsewhere = MediaTypes.IsForeignLayer(reference.MediaType) && reference.Urls is { Count: > 0 };
        if (!File.Exists(Path.Combine(_folder, link)))
        {
            if (!isElsewhere)
            {
                _run.Find(file, $"names {reference.Digest}, which {repository} does not have");
            }

            return;
        }

        var blob = new FileInfo(PathOf(reference.Digest));
        if (blob.Exists && blob.Length != reference.Size)
        {
            _run.Find(blob.FullName, $"is {blob.Length} bytes long, and {manifest.Digest} says {reference.Size}");
        }
    }

    private string PathOf(Digest digest) => Path.Combine(_folder, RegistryPaths.Blob(digest));
}
