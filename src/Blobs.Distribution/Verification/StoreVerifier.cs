using System.Runtime.Versioning;
using Blobs.BlobDirectories;
using Blobs.Distribution.Storage;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Hashing;
using Blobs.Hashing.Internal;
using Blobs.Verification;
using Blobs.Verification.Internal;

namespace Blobs.Distribution.Verification;

/// <summary>Verifies a registry's store: every blob has the digest it is stored under, every link contains the digest
/// that its path names, every tag points to a manifest of its repository, and the repository has everything that its
/// manifests refer to.</summary>
[SupportedOSPlatform("linux")]
public sealed class StoreVerifier
{
    private readonly string _root;
    private readonly string _folder;
    private readonly BlobDirectory _blobs;
    private readonly VerifyRun _run;
    private readonly RegistryChecks _checks;

    private StoreVerifier(string root, VerifyOptions options, CancellationToken cancellationToken)
    {
        _root = root;
        _folder = RegistryPaths.Folder(root);
        _blobs = new BlobDirectory(root);
        _run = new VerifyRun(root, options, cancellationToken);
        _checks = new RegistryChecks(_run, IsThere, LengthOf, PathOf);
    }

    /// <summary>Verifies a store. Nothing may be pushed at the same time.</summary>
    /// <param name="root">The directory above <c>docker/registry/v2</c>.</param>
    /// <param name="options">Jobs, state and progress.</param>
    /// <param name="cancellationToken">Cancels the run. The state file keeps what was verified so far.</param>
    /// <exception cref="NotFoundException">There is no store.</exception>
    /// <exception cref="StoreException">The state file belongs to another store.</exception>
    public static Task<VerifyReport> RunAsync(string root, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.GetFullPath(root);
        StoreRoot.Require(path);
        return Task.Run(() => new StoreVerifier(path, options ?? new VerifyOptions(), cancellationToken).Run(), CancellationToken.None);
    }

    private VerifyReport Run()
    {
        VerifyRepositories(Path.Combine(_folder, RegistryPaths.Repositories), "");
        BlobVerifier.Add(_run, _root);
        _run.DoWork();
        return _run.End();
    }

    // Repository names can be nested. A directory that begins with an underscore is not part of a name.
    private void VerifyRepositories(string folder, string repository)
    {
        foreach (string child in _run.TryListDirectories(folder) ?? [])
        {
            string name = Path.GetFileName(child);
            switch (name)
            {
                case RegistryPaths.LayersFolder:
                    VerifyLinks(child);
                    break;
                case RegistryPaths.ManifestsFolder:
                    VerifyManifests(repository, child);
                    break;
                default:
                    if (!name.StartsWith('_'))
                    {
                        VerifyRepositories(child, repository.Length == 0 ? name : $"{repository}/{name}");
                        break;
                    }

                    foreach (string file in _run.FilesBelow(child))
                    {
                        _run.LeaveUnread(file, "is of an upload on its way");
                    }

                    break;
            }
        }
    }

    // The files are ALGORITHM/HEX/link, at any depth. A link contains the digest of its path, unless that digest is an
    // alias under which no content is stored.
    private void VerifyLinks(string folder)
    {
        foreach (string file in _run.FilesBelow(folder))
        {
            if (Path.GetFileName(file) != RegistryPaths.Link)
            {
                _run.LeaveUnread(file, "is none of a registry's files");
                continue;
            }

            _run.Try(file, () => VerifyLink(file));
        }
    }

    private void VerifyLink(string file)
    {
        string place = Path.GetDirectoryName(file)!;
        string named = $"{Path.GetFileName(Path.GetDirectoryName(place))}:{Path.GetFileName(place)}";
        if (_run.ReadLine(file) is not { } line)
        {
            return;
        }

        if (!Digest.TryParse(line, null, out Digest digest))
        {
            _run.Find(file, $"is {line}, expected a digest");
            return;
        }

        bool isAlias = named.StartsWith(DigestText.Sha512 + ":", StringComparison.Ordinal);
        if (Digest.TryParse(named, null, out _) && !isAlias && line != named)
        {
            _run.Find(file, $"is {line}, expected {named}");
        }
        else if (!FilePath.IsFile(PathOf(digest)))
        {
            _run.Find(file, $"names {line}, and there is no such blob");
        }
        else if (isAlias && _run.Hash(PathOf(digest), DigestAlgorithm.Sha512) is { } found && $"{found}" != named)
        {
            _run.Find(file, $"is {line}, which hashes to {found}");
        }
    }

    private void VerifyManifests(string repository, string folder)
    {
        VerifyLinks(folder);
        foreach (string file in _run.FilesBelow(folder).Where(file => Path.GetFileName(file) == RegistryPaths.Link))
        {
            if (Path.GetRelativePath(folder, file).Split('/') is ["tags", _, "current", _])
            {
                _run.Try(file, () => VerifyTag(repository, file));
            }
            else if (Path.GetRelativePath(folder, file).Split('/') is ["revisions", DigestText.Sha256, var hex, _]
                && Digest.TryParse(DigestText.Sha256Prefix + hex, null, out Digest digest))
            {
                _run.Try(PathOf(digest), () => VerifyManifest(repository, digest));
            }
        }
    }

    // VerifyLinks has reported links that do not parse.
    private void VerifyTag(string repository, string file)
    {
        bool isShort = FileStamp.TryGet(file, out FileStamp stamp, out _) && stamp.Length <= FileSystemReferences.LinkBytesMax;
        if (isShort && Digest.TryParse(SmallFile.TryReadText(file), null, out Digest digest))
        {
            string tag = Path.GetFileName(Path.GetDirectoryName(Path.GetDirectoryName(file)))!;
            _checks.CheckTag(repository, tag, file, digest);
        }
    }

    private void VerifyManifest(string repository, Digest digest)
    {
        string file = PathOf(digest);
        if (FilePath.IsFile(file) && _run.Read(file, _run.Limits.ManifestBytes) is { } bytes)
        {
            _checks.CheckManifest(repository, file, bytes);
        }
    }

    private bool IsThere(RegistryReference reference) => FilePath.IsFile(Path.Combine(_folder, RegistryPaths.Of(reference)));

    private long? LengthOf(Digest digest) => FileStamp.TryGet(PathOf(digest), out FileStamp stamp, out _) ? stamp.Length : null;

    private string PathOf(Digest digest) => _blobs.PathOf(digest);
}
