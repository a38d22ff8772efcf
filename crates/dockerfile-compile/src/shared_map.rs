//! A sorted map whose copies share what they have in common.
//!
//! A stage starts with all that its base has, and there may be tens of thousands of stages in a chain. A copy of this
//! map costs nothing, and a change to it copies the few nodes on the way to the changed one.

use std::cmp::Ordering;
use std::rc::Rc;

/// How much deeper one side of a node may be than the other: the rule of AVL trees.
const SLANT: u8 = 1;

/// A sorted map; cheap to clone.
#[derive(Debug)]
pub(crate) struct SharedMap<K, V> {
    root: Link<K, V>,
}

type Link<K, V> = Option<Rc<Node<K, V>>>;

#[derive(Clone, Debug)]
struct Node<K, V> {
    key: K,
    value: V,
    height: u8,
    left: Link<K, V>,
    right: Link<K, V>,
}

impl<K, V> Default for SharedMap<K, V> {
    fn default() -> Self {
        Self { root: None }
    }
}

impl<K, V> Clone for SharedMap<K, V> {
    fn clone(&self) -> Self {
        Self {
            root: self.root.clone(),
        }
    }
}

impl<K, V> SharedMap<K, V> {
    /// All entries, sorted by key.
    pub(crate) fn iter(&self) -> Iter<'_, K, V> {
        let mut iter = Iter { path: Vec::new() };
        iter.descend(&self.root);
        iter
    }

    /// The value of `key`.
    pub(crate) fn get<Q>(&self, key: &Q) -> Option<&V>
    where
        K: std::borrow::Borrow<Q>,
        Q: Ord + ?Sized,
    {
        let mut link = &self.root;
        while let Some(node) = link {
            link = match key.cmp(node.key.borrow()) {
                Ordering::Less => &node.left,
                Ordering::Greater => &node.right,
                Ordering::Equal => return Some(&node.value),
            };
        }
        None
    }
}

impl<K: Ord + Clone, V: Clone> SharedMap<K, V> {
    /// Sets the value of `key`.
    pub(crate) fn insert(&mut self, key: K, value: V) {
        insert(&mut self.root, key, value);
    }
}

impl<K: Ord + Clone, V: Clone> Extend<(K, V)> for SharedMap<K, V> {
    fn extend<I: IntoIterator<Item = (K, V)>>(&mut self, entries: I) {
        for (key, value) in entries {
            self.insert(key, value);
        }
    }
}

impl<K: Ord + Clone, V: Clone> FromIterator<(K, V)> for SharedMap<K, V> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        let mut map = Self::default();
        map.extend(entries);
        map
    }
}

impl<K: PartialEq, V: PartialEq> PartialEq for SharedMap<K, V> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl<K: Eq, V: Eq> Eq for SharedMap<K, V> {}

/// The entries of a map in order.
pub(crate) struct Iter<'m, K, V> {
    /// Nodes whose left side is done.
    path: Vec<&'m Node<K, V>>,
}

impl<'m, K, V> Iter<'m, K, V> {
    fn descend(&mut self, mut link: &'m Link<K, V>) {
        while let Some(node) = link {
            self.path.push(node);
            link = &node.left;
        }
    }
}

impl<'m, K, V> Iterator for Iter<'m, K, V> {
    type Item = (&'m K, &'m V);

    fn next(&mut self) -> Option<Self::Item> {
        let node = self.path.pop()?;
        self.descend(&node.right);
        Some((&node.key, &node.value))
    }
}

/// The depth is logarithmic, so recursion is safe here and in drop.
fn insert<K: Ord + Clone, V: Clone>(link: &mut Link<K, V>, key: K, value: V) {
    let Some(node) = link else {
        *link = Some(Rc::new(Node {
            key,
            value,
            height: 1,
            left: None,
            right: None,
        }));
        return;
    };
    let node = Rc::make_mut(node);
    match key.cmp(&node.key) {
        Ordering::Less => insert(&mut node.left, key, value),
        Ordering::Greater => insert(&mut node.right, key, value),
        Ordering::Equal => {
            node.value = value;
            return;
        }
    }
    balance(link);
}

fn height<K, V>(link: &Link<K, V>) -> u8 {
    link.as_ref().map_or(0, |node| node.height)
}

impl<K, V> Node<K, V> {
    fn measure(&mut self) {
        self.height = 1 + height(&self.left).max(height(&self.right));
    }
}

/// Puts a node in order of which one side grew.
fn balance<K: Clone, V: Clone>(link: &mut Link<K, V>) {
    let Some(node) = link.as_mut().map(Rc::make_mut) else {
        return;
    };
    let (left, right) = (height(&node.left), height(&node.right));
    if left > right + SLANT {
        if let Some(child) = &node.left
            && height(&child.right) > height(&child.left)
        {
            rotate_left(&mut node.left);
        }
        rotate_right(link);
    } else if right > left + SLANT {
        if let Some(child) = &node.right
            && height(&child.left) > height(&child.right)
        {
            rotate_right(&mut node.right);
        }
        rotate_left(link);
    } else {
        node.measure();
    }
}

/// The left child takes the place of its parent.
fn rotate_right<K: Clone, V: Clone>(link: &mut Link<K, V>) {
    let Some(mut parent) = link.take() else { return };
    let node = Rc::make_mut(&mut parent);
    let Some(mut child) = node.left.take() else {
        *link = Some(parent);
        return;
    };
    let risen = Rc::make_mut(&mut child);
    node.left = risen.right.take();
    node.measure();
    risen.right = Some(parent);
    risen.measure();
    *link = Some(child);
}

/// The right child takes the place of its parent.
fn rotate_left<K: Clone, V: Clone>(link: &mut Link<K, V>) {
    let Some(mut parent) = link.take() else { return };
    let node = Rc::make_mut(&mut parent);
    let Some(mut child) = node.right.take() else {
        *link = Some(parent);
        return;
    };
    let risen = Rc::make_mut(&mut child);
    node.right = risen.left.take();
    node.measure();
    risen.left = Some(parent);
    risen.measure();
    *link = Some(child);
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// No side of any node is deeper than the other by more than the rule allows.
    fn assert_slants<K, V>(link: &Link<K, V>) {
        let Some(node) = link else { return };
        let (left, right) = (height(&node.left), height(&node.right));
        assert!(left.abs_diff(right) <= SLANT, "{left} {right}");
        assert_eq!(node.height, 1 + left.max(right));
        assert_slants(&node.left);
        assert_slants(&node.right);
    }

    #[test]
    fn it_is_a_sorted_map_of_little_depth() {
        let mut map = SharedMap::default();
        let mut model = BTreeMap::new();
        let orders: [fn(u32) -> u32; 3] = [|n| n, |n| 10_000 - n, |n| n * 7_919 % 10_007];
        for (round, order) in orders.iter().enumerate() {
            for n in 0..5_000 {
                map.insert(order(n), round);
                model.insert(order(n), round);
            }
            assert!(map.iter().eq(model.iter()));
            assert!(height(&map.root) < 20, "{}", height(&map.root));
        }
        // Random orders, for every way in which a node leans.
        let mut seed = 1_u32;
        let mut random = SharedMap::default();
        for _ in 0..2_000 {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random.insert(seed >> 8, ());
            assert_slants(&random.root);
        }
        assert_slants(&map.root);
        assert_eq!(map.get(&7), model.get(&7));
        assert_eq!(map.get(&20_000), None);
    }

    #[test]
    fn what_leans_within_the_rule_stays_as_it_is() {
        for keys in [[2, 1], [2, 3]] {
            let map: SharedMap<u32, ()> = keys.map(|key| (key, ())).into_iter().collect();
            assert_eq!(map.root.as_ref().map(|node| node.key), Some(2));
        }
    }

    #[test]
    fn a_copy_keeps_what_it_had() {
        let map: SharedMap<u32, u32> = (0..100).map(|n| (n, n)).collect();
        let mut copy = map.clone();
        copy.extend((50..150).map(|n| (n, 0)));
        assert!(
            map.iter()
                .eq((0..100).map(|n| (n, n)).collect::<BTreeMap<_, _>>().iter())
        );
        assert_eq!((copy.get(&60), map.get(&60)), (Some(&0), Some(&60)));
        assert_ne!(copy, map);
        copy.extend((50..100).map(|n| (n, n)));
        assert_ne!(copy, map);
        // The order in which entries came does not count.
        assert_eq!(map, (0..100).rev().map(|n| (n, n)).collect());
    }
}
