using Blobs.Pipeline;

namespace Blobs.Transfer;

/// <summary>Tells a transfer's listener about one layer, in the words of the pipeline that reads it.</summary>
internal sealed class LayerReport(IProgress<TransferProgress>? listener, string layer, long? totalBytes) : IProgress<LayerProgress>
{
    public void Report(LayerProgress value) => Report(TransferStep.Reading, value.CompressedBytes);

    public void Report(TransferStep step, long bytes) => listener?.Report(new TransferProgress(layer, step, bytes, totalBytes));
}
