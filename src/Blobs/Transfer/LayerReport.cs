using Blobs.Hashing;
using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>Tells a transfer's listener about one layer, in the words of the pipeline that reads it.</summary>
internal sealed class LayerReport(IProgress<TransferProgress>? listener, int index, DiffId layer, long? totalBytes)
    : IProgress<LayerProgress>
{
    public void Report(LayerProgress value) => Report(TransferStep.Reading, value.CompressedBytes);

    public void Exists() => Report(TransferStep.Exists, 0);

    public void Mounted() => Report(TransferStep.Mounted, 0);

    /// <summary>Bytes read so far, where no pipeline counts them.</summary>
    public void Read(long bytes) => Report(TransferStep.Reading, bytes);

    public void Done(long bytes) => Report(TransferStep.Done, bytes);

    private void Report(TransferStep step, long bytes) =>
        listener?.Report(new TransferProgress(index, layer, step, bytes, totalBytes));
}
