using System.Runtime.Versioning;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Files.Internal;
using Blobs.Verification;
using Blobs.Verification.Internal;

namespace Blobs.Docker.Verification;

/// <summary>
/// Verifies everything in a Docker data root that something else in it determines: names → images → layers → trees,
/// digest by digest, and kept blobs. Everything else is read as far as possible, and listed.
/// </summary>
[SupportedOSPlatform("linux")]
public sealed class RootVerifier
{
    private readonly string _root;
    private readonly VerifyRun _run;

    private RootVerifier(string root, VerifyOptions options, CancellationToken cancellationToken)
    {
        _root = root;
        _run = new VerifyRun(root, options, cancellationToken);
    }

    /// <summary>Verifies a data root, which must not change meanwhile.</summary>
    /// <param name="root">Such as <c>/var/lib/docker</c>.</param>
    /// <param name="options">Jobs, state and progress.</param>
    /// <param name="cancellationToken">Ends it; what was found right so far stays in the state file.</param>
    /// <exception cref="ContainerdRootException">Containerd keeps the root's images.</exception>
    /// <exception cref="NotFoundException">There is no data root.</exception>
    /// <exception cref="StoreException">The state file is of another one.</exception>
    public static Task<VerifyReport> RunAsync(string root, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        string path = Path.GetFullPath(root);
        RemappedRoots.ThrowIfAbove(path);
        DataRoot.Require(path, StorageDrivers.All);
        return Task.Run(() => new RootVerifier(path, options ?? new VerifyOptions(), cancellationToken).Run(), CancellationToken.None);
    }

    private VerifyReport Run()
    {
        foreach (string driver in StorageDrivers.All)
        {
            string folder = new RootPaths(_root, driver).Image;
            _run.Try(folder, () =>
            {
                if (FilePath.IsDirectory(folder))
                {
                    VerifyDriver(driver);
                }
            });
        }

        new ContainerVerifier(_run).VerifyFiles(_root);
        BlobVerifier.Add(_run, _root);
        _run.Try(_root, LeaveTheRest);
        _run.DoWork();
        return _run.End();
    }

    private void VerifyDriver(string driver)
    {
        LayerStore store = LayerStore.Open(_root, new DockerRootOptions { Driver = driver, Limits = _run.Limits });
        RootPaths paths = store.Context.Paths;
        new LayerDatabaseVerifier(_run).Verify(store);
        _run.Try(paths.BlobSources, () => new DistributionVerifier(_run).Verify(paths));

        // The images must be known before anything is reported as belonging to none.
        if (_run.TryListFiles(paths.Contents) is { } configs)
        {
            var images = new ImageVerifier(_run);
            HashSet<string> ids = images.Verify(store, configs);
            _run.Try(paths.Names, () => images.VerifyNames(paths, ids));
            new ContainerVerifier(_run).Verify(store, ids);
        }
    }

    private void LeaveTheRest()
    {
        string[] known = [RootPaths.ImagesName, "docker", RootPaths.ContainersName, .. StorageDrivers.All];
        foreach (string path in DirectoryList.Entries(_root).Where(path => !known.Contains(Path.GetFileName(path))))
        {
            _run.LeaveUnread(path, "is not of images or layers");
        }
    }
}
