namespace Blobs.Pipeline;

/// <summary>Processes the items of a <see cref="Lane{T}"/> on the lane's thread.</summary>
internal interface ILaneConsumer<in T>
{
    void Consume(T item);

    /// <summary>Releases an item. Called for each, consumed or skipped.</summary>
    void Release(T item);

    /// <summary>Called after the last item, but not after a fault.</summary>
    void Complete();

    /// <summary>Whether to go on consuming after a fault on any lane.</summary>
    bool GoesOnAfter(FirstFault fault) => false;
}
