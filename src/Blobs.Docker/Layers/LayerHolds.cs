namespace Blobs.Docker.Layers;

/// <summary>Several layers kept at once.</summary>
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
