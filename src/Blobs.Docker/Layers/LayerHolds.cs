namespace Blobs.Docker.Layers;

/// <summary>Several holds on layers, released together.</summary>
internal sealed class LayerHolds(IDisposable[] holds) : IDisposable
{
    public void Dispose()
    {
        foreach (IDisposable hold in holds)
        {
            hold.Dispose();
        }
    }
}
