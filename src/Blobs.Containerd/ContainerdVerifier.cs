using Blobs.Errors;
using Blobs.Verification;
using Blobs.Verification.Internal;

namespace Blobs.Containerd;

/// <summary>
/// Verifies the images of a namespace of containerd: every document and every blob against its digest, every layer against the
/// DiffID of its config, and whether the layers are unpacked. What is unpacked is not compared: containerd keeps no digest of
/// trees.
/// </summary>
public static class ContainerdVerifier
{
    /// <summary>Verifies a namespace.</summary>
    /// <param name="store">The namespace.</param>
    /// <param name="options">Jobs, limits and progress. Such a verification cannot be resumed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ContainerdException">containerd cannot be reached, or refuses.</exception>
    public static async Task<VerifyReport> RunAsync(
        ContainerdStore store, VerifyOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new VerifyOptions();
        if (options.StateFile is { } state)
        {
            throw new StoreException(state, $"{state}: a verification of containerd keeps no state, and cannot be resumed");
        }

        // What is verified has digests, no paths: a path relative to "." is itself.
        var run = new VerifyRun(".", options, cancellationToken);
        var verifier = new ImageVerifier(store, run);
        IReadOnlyList<ContainerdImage> images = await store.ListAsync(cancellationToken).ConfigureAwait(false);
        foreach (ContainerdImage image in images.DistinctBy(image => image.Target.Digest))
        {
            await verifier.VerifyAsync(image, cancellationToken).ConfigureAwait(false);
        }

        var parallel = new ParallelOptions
        {
            MaxDegreeOfParallelism = options.Jobs ?? Environment.ProcessorCount,
            CancellationToken = cancellationToken,
        };
        await Parallel.ForEachAsync(
            verifier.Layers, parallel, async (layer, token) => await layer(token).ConfigureAwait(false)).ConfigureAwait(false);
        return run.End();
    }
}
